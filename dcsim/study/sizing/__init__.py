"""Sizing: a scenario and a goal in, sizes of least cost and their replay out."""
