"""From array operations to the text of NumPy expressions."""
