"""Weather files of all formats: a path in, checked rows of real time or a typical year out."""
