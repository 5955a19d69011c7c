"""Loops over steps: plain lists or arrays in, levels and flows written in place."""
