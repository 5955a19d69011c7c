"""The command line: the only place that prints."""

from dcsim.cli.main import main

__all__ = ["main"]
