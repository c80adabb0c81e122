"""Dialect text-to-speech: text -> phones -> mel -> wave, in one IPA phone space."""

__version__ = "0.1.0"
