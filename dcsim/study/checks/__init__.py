"""Gates: scenarios and runs in, verdicts out."""
