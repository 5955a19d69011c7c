"""Figures of one run: a result in, axes out."""
