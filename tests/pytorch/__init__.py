"""PyTorch as a witness. Its numbers are recorded in `tests/fixtures/pytorch_numbers.json`, which other tests read; the
tests of this folder ask it itself, need the extra `torch`, and run in CI: `pytest tests/pytorch`.
"""
