"""What a scenario has to keep: a checked or broken site in, problems with their places out."""
