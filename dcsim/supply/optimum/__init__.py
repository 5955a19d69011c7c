"""Linear programs of the supply: the dispatch that sees all hours, and least-cost sizes."""
