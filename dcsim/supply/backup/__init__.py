"""Emergency power without a grid: machines and a load in, the chance that they carry it out."""
