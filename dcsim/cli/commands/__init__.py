"""Commands: arguments in, output and an exit code out; one file each."""
