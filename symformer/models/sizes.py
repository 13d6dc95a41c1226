"""Sizes that most architectures read in the same way, with the checks that belong to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Expr, Symbol

from symformer.models import letters as at
from symformer.models.config import Reader
from symformer.models.keys import ConfigError
from symformer.models.rows import Heads

ROPE_KINDS = ("default", "linear", "dynamic", "yarn", "longrope", "llama3")


@dataclass
class Sizes:
    """Numbers of sizes and relations between them, filled as keys are read."""

    numbers: dict[Symbol, int] = field(default_factory=dict)
    relations: dict[Symbol, Expr] = field(default_factory=dict)

    def set(self, symbol: Symbol, number: int, relation: Expr | None = None) -> int:
        """Keeps a number; a relation, such as 4·d, is kept where the configuration leaves the size to it."""
        self.numbers[symbol] = number
        if relation is not None:
            self.relations[symbol] = relation
        return number


def basic(read: Reader, *, width: tuple[str, ...], layers: tuple[str, ...], vocabulary: bool = True) -> Sizes:
    """The width d, the layers L and the vocabulary V."""
    sizes = Sizes()
    sizes.set(at.d, read.size(*width))
    sizes.set(at.L, read.layers(*layers))
    if vocabulary:
        sizes.set(at.V, read.size("vocab_size"))
    return sizes


def heads_of(
    read: Reader,
    sizes: Sizes,
    *names: str,
    key_names: tuple[str, ...] = ("num_key_value_heads",),
    key_default: int | None = None,
    head_default: int | None = None,
    own_head_size: bool = True,
) -> Heads:
    """Heads, heads of keys and the size of a head; None for `key_default` gives every head its own keys.

    Raises:
        ConfigError: heads that do not divide the width where the head's size follows from it, or heads of keys that
            do not divide the heads.
    """
    d, heads = sizes.numbers[at.d], sizes.set(at.H, read.size(*names, most=10**5))
    keys = read.size(*key_names, default=key_default or heads, most=10**5) if key_names else heads
    if heads % keys:
        raise read.error(key_names[0], f"a divisor of the {heads} heads", keys)
    if own_head_size and read.has("head_dim"):
        sizes.set(at.d_k, read.size("head_dim"))
    elif head_default is not None:
        sizes.set(at.d_k, read.size("head_dim", default=head_default))
    else:
        sizes.set(at.d_k, head_size(read, names[0], d, heads), at.d / at.H)
    found = Heads.of(heads, keys)
    if found.key == "g":
        sizes.set(at.G, keys)
        sizes.set(at.R, heads // keys, at.H / at.G)
    return found


def head_size(read: Reader, key: str, d: int, heads: int) -> int:
    """d divided by the heads.

    Raises:
        ConfigError: it does not come out even.
    """
    if d % heads:
        raise ConfigError(f"{read.source}: key '{key}': {heads} heads do not divide the width {d}")
    return d // heads


def hidden_size(read: Reader, sizes: Sizes, *names: str) -> int:
    """The width of the feed-forward block; by default, listed, four times d."""
    given = read.optional_size(*names)
    if given is not None:
        relation = 4 * at.d if given == 4 * sizes.numbers[at.d] else None
        return sizes.set(at.d_ff, given, relation)
    return sizes.set(at.d_ff, read.size(*names, default=4 * sizes.numbers[at.d]), 4 * at.d)


def learned_positions(read: Reader, sizes: Sizes, default: int) -> None:
    """Learned positions in a table that begins with two rows which nobody uses."""
    learned = sizes.set(at.n_ctx, read.size("max_position_embeddings", default=default))
    sizes.set(at.n_r, learned + 2, at.n_ctx + 2)


@dataclass(frozen=True)
class Rope:
    """Rotary positions.

    Attributes:
        base: of the geometric row of frequencies.
        kind: "default", or how the frequencies are stretched for longer sequences.
        settings: what that needs, as the configuration has it.
    """

    base: float
    kind: str
    settings: Mapping[str, Any]


def rope_of(read: Reader, *, base: float = 10000.0, names: tuple[str, ...] = ("rope_theta",)) -> Rope:
    """Rotary positions, from `rope_parameters` or the older `rope_theta` and `rope_scaling`.

    Raises:
        ConfigError: a kind of stretching that is not known, or two bases that differ.
    """
    new, old = read.inside("rope_parameters"), read.inside("rope_scaling")
    nested = new.number("rope_theta", default=base) if new.has("rope_theta") else None
    found = read.number(*names, default=base) if nested is None or any(map(read.has, names)) else nested
    if nested not in (None, found):
        raise read.error("rope_theta", f"{nested} as in rope_parameters", found)
    scaling = old if old.data else new
    kind = scaling.choice("rope_type", "type", among=ROPE_KINDS, default="default")
    return Rope(found, kind, scaling.data)


def rotate(read: Reader, sizes: Sizes, heads: Heads, *names: str, factor: float = 1.0) -> Heads:
    """Heads whose features turn in pairs, all of them or the first part.

    Raises:
        ConfigError: the part is empty, or larger than a head.
    """
    new = read.inside("rope_parameters")
    given = new.number("partial_rotary_factor", default=factor) if new.has("partial_rotary_factor") else None
    share = given if given is not None else read.number(*names, default=factor) if names else factor
    size = sizes.numbers[at.d_k]
    turned = int(size * share) + int(size * share) % 2  # pairs: an odd feature takes one more with it
    if not 0 < turned <= size:
        raise read.error(names[0] if names else "head_dim", f"pairs of features that fit into a head of {size}", turned)
    if turned == size:
        sizes.set(at.d_p, turned // 2, at.d_k / 2)
        return replace(heads, features=(("", "2 K"),))
    sizes.set(at.d_p, turned // 2)
    sizes.set(at.d_n, size - turned, at.d_k - 2 * at.d_p)
    return replace(heads, features=(("R", "2 K"), ("N", "n")))
