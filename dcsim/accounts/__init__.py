"""What is counted from all stages: GPU-days, promises, carbon-free hours, carbon, money."""

from dcsim.accounts.close import close_accounts

__all__ = ["close_accounts"]
