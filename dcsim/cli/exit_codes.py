"""Exit codes of the commands: a number a kind of ending; 0 is fine."""

EXIT_GATE_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_SOME_FAILED = 3
"""Some cases or replications failed; the others are stored."""
EXIT_ENVIRONMENT = 4
"""The machine refused: no space, no right, no folder."""
EXIT_INTERRUPTED = 5
EXIT_DEFECT = 70
"""An error that only dcsim itself can have made."""
