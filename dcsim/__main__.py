"""`python -m dcsim` is `dcsim`."""

from dcsim.cli import main

main(prog_name="dcsim")
