"""Power: GPUs online and weather in; IT power, cooling and electrical losses by hour out."""

from dcsim.power.load import make_load

__all__ = ["make_load"]
