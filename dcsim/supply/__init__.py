"""What feeds the site: sources, stores and their dispatch, by hour."""

from dcsim.supply.dispatch.policies import make_flows

__all__ = ["make_flows"]
