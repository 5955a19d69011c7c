"""Checks of a scenario: a site, whole or broken, in; problems with file, line and key out."""
