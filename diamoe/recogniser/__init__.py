"""A small phone recogniser on log-mels: aligner of corpora, judge of synthesis."""
