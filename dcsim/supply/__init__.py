"""Supply: load, weather and dates of assets in; hourly flows of sources, stores and grid out."""

from dcsim.supply.dispatch.policies import make_flows

__all__ = ["make_flows"]
