"""Flow matching: the training objective, the solvers, and phone durations."""
