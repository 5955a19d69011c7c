"""Sensitivity: inputs and outcomes of many runs in, what drives an outcome out."""
