"""Accounts of GPUs: a timeline in; GPU-days by cause, delivery, milestones, driving path out."""
