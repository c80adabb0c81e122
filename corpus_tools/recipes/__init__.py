"""Readers of corpus layouts: folders on disk become `Utterance` values. No sound is read here."""
