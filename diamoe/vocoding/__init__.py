"""Training of the vocoder: network, objective, crops of recordings, run."""
