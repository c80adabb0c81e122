"""Training: cuts to batches, the Lightning module, and what watches a run."""
