"""Capacity planning for AI data centers."""
