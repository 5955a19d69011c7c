"""Scenarios: files and overrides in, a checked site and the plan of any replication out."""
