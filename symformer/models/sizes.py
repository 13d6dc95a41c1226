"""Sizes that most architectures read in the same way, with the checks that belong to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sympy import Expr, Symbol

from symformer.models import letters as at
from symformer.models.config import Reader
from symformer.models.keys import ConfigError
from symformer.models.rows import Heads


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
