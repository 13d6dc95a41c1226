"""Generated functions in PyTorch, JAX, the array API and C: needs the extras `torch` and `targets`, runs in CI: `pytest tests/runtimes`."""
