"""Checks of a plan in CI: scenarios, gates, pins and runs in, verdicts and their causes out."""
