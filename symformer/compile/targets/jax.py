"""The JAX target: text of jax.numpy, whose backward pass is the derived one. Nothing here imports JAX."""

from symformer.compile.targets.dialect import Dialect, called_in

JAX = Dialect(
    name="jax",
    np="jnp",
    axis="axis",
    calls=called_in(
        "jnp",
        "exp log sqrt tanh sin cos abs sign log1p expm1 floor square",
        maximum="jnp.maximum({0}, {1})",
        minimum="jnp.minimum({0}, {1})",
        where="jnp.where({0}, {1}, {2})",
        hide="jnp.where({1}, {0}, -math.inf)",
        select="jnp.where({1}, {0}, 0)",
    ),
    wide=frozenset({"where", "maximum", "minimum"}),
    imports={"math": "import math", "jax": "import jax", "jnp": "import jax.numpy as jnp", "numpy": "import numpy"},
    wrapped=True,
    package="jax",
)
