"""Shanghainese: its syllables, readings by rule, prosodic words and their tone patterns."""
