"""The result store: finished units in, the same units out, verified, after any kill."""
