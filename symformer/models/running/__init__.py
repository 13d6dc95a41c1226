"""Real weights: checkpoints mapped from files, programs compiled, layers run one after the other."""
