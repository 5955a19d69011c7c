"""Failures of servers in service: racks and their dates in, moves of GPUs out."""
