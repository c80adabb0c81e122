"""The page to read before training: what corpora hold, what was left out, what looks wrong."""
