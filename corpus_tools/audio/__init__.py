"""Sound of single recordings: where the speech is, levels, background noise."""
