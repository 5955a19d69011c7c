"""Runs of studies: scenarios and designs in; replications, sweeps and comparisons out."""
