"""Weather files: a file in, its hours or its typical year out."""
