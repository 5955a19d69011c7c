"""The event simulation: works, orders, racks, failures, expansion."""

from dcsim.ramp.simulate import run_ramp

__all__ = ["run_ramp"]
