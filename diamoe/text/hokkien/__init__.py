"""Taiwanese Hokkien: its romanisations, its words, its numerals and its tone groups."""
