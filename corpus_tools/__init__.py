"""Corpora: recordings on disk become cleaned, labelled utterances in Lhotse Shar form."""
