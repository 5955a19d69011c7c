"""Energy in account: flows in, allocated, carbon-free and emitting energy out."""
