"""Attribution: two scenarios in, the shares of their differences in a change out."""
