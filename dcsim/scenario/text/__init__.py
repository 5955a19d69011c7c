"""Scenario text: files and overrides in, one tree of nodes with their places out."""
