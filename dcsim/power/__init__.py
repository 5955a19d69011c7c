"""What the site draws: IT power, cooling and electrical losses, by hour."""

from dcsim.power.load import make_load

__all__ = ["make_load"]
