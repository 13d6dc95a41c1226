"""What can go wrong when a formula is written down."""


class NotationError(ValueError):
    """Something that has no meaning in index notation."""


class NoNumber(NotationError, TypeError):
    """A formula where Python wants a number."""


class ShapeError(NotationError):
    """An index that runs over two different sizes, or a tensor with the wrong number of axes or indices."""
