"""Study files: a file in, cases with their scenarios out."""
