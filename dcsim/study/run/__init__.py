"""Runs of a study: cases in, stored rows and their summary out."""
