"""Accounts: outputs of all stages in; GPU-days, milestones, carbon, money and figures out."""

from dcsim.accounts.close import close_accounts

__all__ = ["close_accounts"]
