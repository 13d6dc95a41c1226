"""Where papers differ in writing down the same thing: switches, and what follows from them for axes and sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol

from symformer import notation
from symformer.models.keys import ConfigError
from symformer.notation import Element, Tensor, Written, exp, indices, lift, sqrt, tensor
from symformer.programs import DefinedTensor, define

K = indices("k")
SWITCHES = {
    "layout": ("row", "column"),
    "eps": ("inside", "outside", "none"),
    "deviation": ("biased", "unbiased"),
    "mask": ("-inf", "-1e9"),
    "positions": ("pair", "raw"),
    "norm": ("pre", "post"),
}


@dataclass(frozen=True)
class Conventions:
    """The conventions of a document.

    Attributes:
        layout: "row": tokens are rows, and a weight is (in, out); "column": tokens are columns, and a weight (out, in).
        eps: of layer norm: "inside" the root, "outside" of it, or "none".
        deviation: of layer norm: "biased" divides by d, "unbiased" by d − 1.
        mask: what hidden scores become: "-inf", or "-1e9" added to them.
        positions: the exponent of sinusoidal positions: "pair" has 2p/d for pair p, "raw" the feature's own index.
        norm: "pre" normalises what goes into a block, "post" what comes out of the sum.

    Raises:
        ConfigError: another word; the message names the switch.
    """

    layout: str = "row"
    eps: str = "inside"
    deviation: str = "biased"
    mask: str = "-inf"
    positions: str = "pair"
    norm: str = "pre"

    def __post_init__(self) -> None:
        for name, words in SWITCHES.items():
            if getattr(self, name) not in words:
                raise ConfigError(f"{name}: expected one of {', '.join(words)}, got {getattr(self, name)!r}")

    @property
    def by_row(self) -> bool:
        """Whether tokens are rows."""
        return self.layout == "row"

    def order(self, feature: Any, token: Any) -> tuple[Any, Any]:
        """Feature and token in the order in which they stand."""
        return (token, feature) if self.by_row else (feature, token)

    def stream(self, name: str, features: Expr, tokens: Expr, *lead: Expr, kind: str = "real") -> Tensor:
        """An input of tokens."""
        return tensor(name, *lead, *self.order(features, tokens), kind=kind)

    def entry(self, x: Tensor, feature: Any, token: Any, *lead: Any) -> Element:
        """One feature of one token."""
        return x[(*lead, *self.order(feature, token))]

    def defined(self, name: str, feature: Any, token: Any, body: Any, *lead: Any) -> DefinedTensor:
        """A tensor of tokens."""
        return define(name, (*lead, *self.order(feature, token)), body)

    def weight(self, name: str, into: Expr, out: Expr, *lead: Expr) -> Tensor:
        """A matrix from `into` features to `out`."""
        return tensor(name, *lead, *((into, out) if self.by_row else (out, into)))

    def through(self, weight: Tensor, into: Any, out: Any, *lead: Any) -> Element:
        """The entry of a weight."""
        return weight[(*lead, *((into, out) if self.by_row else (out, into)))]

    def linear(self, x: Element, weight: Element, over: Symbol, bias: Element | None = None) -> Written:
        """Σ x · weight, or weight · x where tokens are columns, and a bias."""
        total = notation.sum(x * weight if self.by_row else weight * x, over)
        return total if bias is None else total + bias

    def scores_order(self, query: Any, key: Any) -> tuple[Any, Any]:
        """Query and key in the order of a matrix of scores."""
        return (query, key) if self.by_row else (key, query)

    def weights(self, name: str, scores: Tensor, query: Symbol, key: Symbol, seen: Any, *lead: Symbol) -> DefinedTensor:
        """Softmax of each query's scores over the keys that it sees; `seen(key)` is 0 or 1, None where all are."""

        def score(at: Symbol) -> Written:
            return exp(scores[(*lead, *self.scores_order(query, at))])

        def share(at: Symbol) -> Written:
            if seen is None:
                return score(at)
            if self.mask == "-inf":
                return lift(seen(at)) * score(at)
            return exp(scores[(*lead, *self.scores_order(query, at))] - lift(10) ** 9 * (1 - lift(seen(at))))

        return define(name, (*lead, *self.scores_order(query, key)), share(key) / notation.sum(share(K), K))

    def spread(self, variance: Written, epsilon: Element) -> Written:
        """The deviation that layer norm divides by."""
        if self.eps == "inside":
            return sqrt(variance + epsilon)
        return sqrt(variance) + epsilon if self.eps == "outside" else sqrt(variance)

    def variance(self, squares: Written, size: Expr) -> Written:
        """The variance from a sum of squares."""
        return squares / lift(size if self.deviation == "biased" else size - 1)
