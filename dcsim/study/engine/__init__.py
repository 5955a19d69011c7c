"""The engine: jobs in, the outcome of each job out, on one worker or many."""
