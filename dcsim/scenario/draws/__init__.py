"""Uncertain values: distributions and quantiles in, a number for each value out."""
