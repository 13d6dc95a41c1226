"""What is wrong with a simulation or a sweep, in one line."""


class DynamicsError(ValueError):
    """Particles, parameters or a checkpoint that cannot be used; names the culprit, what was expected and what came."""
