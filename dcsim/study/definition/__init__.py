"""Study files: a file in, its axes, its design and its cases with their scenarios out."""
