"""Commands: arguments in, output and an exit code out.

Each file declares the command of its name, `NAME_command`, and holds its body; it is imported when
the command runs. `run_replications` and `check_against` are the bodies of options that need more.
"""
