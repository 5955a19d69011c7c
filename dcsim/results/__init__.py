"""Results: outputs of the stages in; hourly columns, summary, run folders and exports out."""
