"""Commands: `python -m diamoe.evaluate`, and one for each metric."""
