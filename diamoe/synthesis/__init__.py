"""Synthesis: voices, and from text to sound."""
