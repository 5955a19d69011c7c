"""Time series from files: a named file in, its values on the steps of the run out."""
