"""Battery kernel: changes and limits of a level by step in, levels by step out."""
