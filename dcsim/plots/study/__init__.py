"""Figures of many runs: rows and their statistics in, axes out."""
