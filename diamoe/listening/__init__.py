"""Listening tests: pages on which people rate or compare speech, and what they said."""
