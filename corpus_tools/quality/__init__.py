"""Figures that tell good recordings from bad ones, and the gates that judge by them."""
