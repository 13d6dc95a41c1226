"""Generated functions in PyTorch, JAX, the array API and C. They need the extras `torch` and `targets`, and run in CI:
`pytest tests/runtimes`.
"""
