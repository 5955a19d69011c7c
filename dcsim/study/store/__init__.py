"""The store: finished units in, the same units out after any kill."""
