"""Studies: scenarios and axes in, stored runs, statistics and sensitivities out."""
