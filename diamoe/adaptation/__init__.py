"""New dialects from minutes of speech: adapters, how they are trained, kept and put on."""
