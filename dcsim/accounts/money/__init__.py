"""Money in account: the other accounts and prices in, ledger and figures out."""
