"""What can be wrong with a reader's values."""


class ValuesError(ValueError):
    """Values that do not fit: names the source, the key, what was expected and what came."""
