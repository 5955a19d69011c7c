"""Command line: arguments in, printed lines, files and exit codes out; nothing else prints."""

from dcsim.cli.main import main

__all__ = ["main"]
