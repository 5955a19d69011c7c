"""Event simulation: a plan in, a timeline of GPUs, capacities and outages out."""

from dcsim.ramp.simulate import run_ramp

__all__ = ["run_ramp"]
