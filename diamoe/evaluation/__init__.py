"""Measures of synthesis: intelligibility, tones, speed."""
