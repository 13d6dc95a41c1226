"""The PyTorch target: text of torch, whose backward pass is the derived one. Nothing here imports torch."""

from symformer.compile.targets.dialect import Dialect, called_in

TORCH = Dialect(
    name="torch",
    np="torch",
    axis="dim",
    calls=called_in(
        "torch",
        "exp log sqrt tanh sin cos abs sign log1p expm1 floor square",
        maximum="torch.maximum({0}, {1})",
        minimum="torch.minimum({0}, {1})",
        where="torch.where({0}, {1}, {2})",
        hide="torch.where({1}, {0}, -math.inf)",
        select="torch.where({1}, {0}, 0)",
    ),
    wide=frozenset({"where"}),
    imports={"math": "import math", "torch": "import torch"},
    wrapped=True,
    package="torch",
)
