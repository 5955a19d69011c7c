"""Money: prices and the outputs of the other accounts in, ledger and figures of money out."""
