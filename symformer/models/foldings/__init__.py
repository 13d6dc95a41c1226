"""Foldings: other weights for the same function, such as a norm's scale moved into the matrices behind it."""
