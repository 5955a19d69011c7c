"""Linear programs: load, availability and prices in, the optimal dispatch or sizes out."""
