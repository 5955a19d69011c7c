"""The engine: jobs in, their results out, on one worker or many."""
