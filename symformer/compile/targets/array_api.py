"""The array-API target: text that any array library of the standard runs, by `array_api_compat`."""

from symformer.compile.targets.dialect import Dialect, called_in

ARRAY_API = Dialect(
    name="array-api",
    np="xp",
    axis="axis",
    calls=called_in(
        "xp",
        "exp log sqrt tanh sin cos abs sign log1p expm1 floor square",
        maximum="xp.maximum({0}, {1})",
        minimum="xp.minimum({0}, {1})",
        where="xp.where({0}, {1}, {2})",
        hide="xp.where({1}, {0}, -math.inf)",
        select="xp.where({1}, {0}, 0)",
    ),
    wide=frozenset({"where"}),
    imports={
        "math": "import math",
        "numpy": "import numpy",
        "array_namespace": "from array_api_compat import array_namespace, device, is_array_api_obj, is_lazy_array",
    },
    wrapped=False,
    package="array_api_compat",
    turned="xp.matrix_transpose({0})",  # arrays of Dask have no mT
)
