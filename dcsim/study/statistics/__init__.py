"""Statistics of many runs: rows in, chances, quantiles and intervals out."""
