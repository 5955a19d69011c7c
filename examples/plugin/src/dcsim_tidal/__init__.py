"""Example of a plug-in for dcsim: one model of each kind that a plug-in can add."""
