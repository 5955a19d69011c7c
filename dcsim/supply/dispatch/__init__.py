"""Dispatch: load and what is available in, the flow of every source and store out."""
