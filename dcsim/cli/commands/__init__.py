"""Commands: arguments in, output and an exit code out.

Each file declares the command of its name, `NAME_command`, and holds its body. The top of a file
imports click and light modules only; a body imports models, stores and tables when it runs, so that
`--help` and usage errors take a twentieth of a second instead of half a second. `run_replications`
and `check_against` are the bodies of options that need more.
"""
