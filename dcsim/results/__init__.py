"""Results: what the stages handed on in, hourly columns, summary, files and exports out."""
