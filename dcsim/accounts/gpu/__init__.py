"""GPUs in account: the timeline in, GPU-days by cause, milestones and what drove them out."""
