"""Records of replications: a run in, its row of figures and the bytes it travels as out."""
