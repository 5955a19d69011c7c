"""Output of commands: results and states in, lines of text, JSON and Markdown out."""
