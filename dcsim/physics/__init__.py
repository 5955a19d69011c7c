"""Formulas that two stages use: times, temperatures, pressures in, what follows from them out."""
