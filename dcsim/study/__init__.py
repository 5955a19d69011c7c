"""Many runs: replications, sweeps, sampling, the store, statistics and sensitivity."""
