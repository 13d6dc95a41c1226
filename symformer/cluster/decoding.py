"""Decoding: what a step for one token reads and computes, when arithmetic takes over, speculation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import prod

from sympy import Expr, Integer, Poly

from symformer.cluster.devices import Device
from symformer.cluster.quantized import is_quantized
from symformer.cost import Statement, width_of
from symformer.cost.work import numbered
from symformer.models import Model
from symformer.models import letters as at
from symformer.models.program import B, counts_of

LARGE = 2**30  # sequences: so many that every expert is read
Share = Callable[[Statement, bool], float]


@dataclass(frozen=True)
class Decoding:
    """A model that continues sequences.

    Attributes:
        model: the model.
        context: positions whose keys and values are there.
        dtype: the format of parameters and cache.
        weight_bytes: bytes of all parameters, where they are quantised; None for those of the format.
    """

    model: Model
    context: int
    dtype: str = "bfloat16"
    weight_bytes: float | None = None

    @cached_property
    def _statements(self) -> tuple[Statement, ...]:
        return counts_of(self.model.architecture).statements

    @cached_property
    def flops(self) -> float:
        """Contractions for one token of one sequence."""
        return self.flops_with(lambda statement, pairs: 1.0)

    def flops_with(self, share: Share) -> float:
        """Contractions for one token of one sequence, of each statement the share that a device has.

        What is done for every pair of positions is done for one query and all keys, or those of a layer's window. What
        is computed from the cache alone, as keys from a latent, is done for every position of the cache; the rest once.

        Args:
            share: of a statement's contractions: those for every pair of positions, or the others.
        """
        cached = {name for names in self.model.architecture.cached.values() for name in names}
        behind: set[str] = set()
        total = 0.0
        for one in self._statements:
            own = one.name in cached
            from_cache = bool(one.sources) and set(one.sources) <= behind
            if own or from_cache:
                behind.add(one.key)
            once, by_pair = self._times(one, one.forward.contraction, from_cache=from_cache and not own)
            total += once * share(one, False) + by_pair * share(one, True)
        return total

    def _times(self, one: Statement, amount: Expr, *, from_cache: bool) -> tuple[float, float]:
        pairs = one.core.contraction
        single = amount - pairs
        count = self._number(one.times)
        lengths = self._windows(one)
        once = self._number(single.subs({at.n: self.context if from_cache else 1, at.m: self.context}))
        by_pair = sum(self._number(_one_query(pairs).subs(at.n, length)) for length in lengths) / len(lengths)
        return count * once, count * by_pair

    def _windows(self, one: Statement) -> list[int]:
        """The keys that a query sees, layer by layer."""
        windows = self.model.architecture.windows if one.layer else ()
        return [min(self.context, window) if window else self.context for window in windows] or [self.context]

    def _number(self, amount: Expr) -> float:
        sizes = {str(size): number for size, number in self.model.sizes.items()}
        return float(numbered(amount, sizes | {"b": 1, "n": self.context, "m": self.context}))

    @cached_property
    def prefill_flops(self) -> float:
        """Contractions for all positions of the context at once."""
        return float(self.model.cost(1, self.context, dtype=self.dtype).flops.forward.number)

    @cached_property
    def cache_bytes(self) -> float:
        """Bytes of one sequence's cache."""
        return float(self.model.cost(1, self.context, dtype=self.dtype).memory.kv_cache.number)

    @cached_property
    def parameter_bytes(self) -> float:
        """Bytes of all parameters."""
        width = float(width_of(self.dtype))
        return self.weight_bytes if self.weight_bytes is not None else width * self.model.parameter_count

    def read_bytes(self, batch: int) -> float:
        """Bytes of parameters that a step reads: no rows of an embedding that is not the head too, and of experts
        those that `batch` tokens are expected to be sent to, if every expert is as likely.
        """
        looked_up = float(width_of(self.dtype)) * self._looked_up
        return self.parameter_bytes - looked_up - self._matrix_bytes * self._unread_experts(batch)

    @cached_property
    def _matrix_bytes(self) -> float:
        """Bytes of a number of a layer's matrices, which may be quantised; the others have the format's."""
        width = float(width_of(self.dtype))
        if self.weight_bytes is None:
            return width
        matrices = sum(prod(one.shape) for one in self.model.parameters.values() if is_quantized(one))
        return (self.weight_bytes - width * (self.model.parameter_count - matrices)) / matrices

    @cached_property
    def looked_up(self) -> frozenset[str]:
        """The tables of which only rows are read: no product of matrices has them as a factor."""
        read = {name for one in self._statements if one.forward.contraction != 0 for name in one.reads}
        tables = [row for row in self.model.architecture.outside if row.part == "embedding"]
        return frozenset(symbol for row in tables for symbol, _ in row.symbols if symbol not in read)

    @cached_property
    def _looked_up(self) -> int:
        """Numbers of those tables."""
        rows = [row for row in self.model.architecture.outside if {name for name, _ in row.symbols} & self.looked_up]
        return sum(int(row.elements.subs(self.model.sizes)) for row in rows)

    def _unread_experts(self, batch: int) -> float:
        return experts_held(self.model) * self.unread_share(batch)

    def unread_share(self, batch: int) -> float:
        """Of the experts those that none of `batch` tokens is sent to, if every expert is as likely."""
        sizes = self.model.sizes
        return (1 - sizes[at.k_X] / sizes[at.n_X]) ** batch if at.n_X in sizes else 0.0

    def seconds(self, batch: int, device: Device, devices: int = 1) -> tuple[float, float]:
        """Seconds of arithmetic and of reading, of one step for `batch` sequences, on so many devices."""
        moved = self.read_bytes(batch) + batch * self.cache_bytes
        return batch * self.flops / (device.flops * devices), moved / (device.bandwidth * devices)

    def crossover(self, device: Device) -> int | None:
        """The least batch at which arithmetic takes longer than reading; None where the cache alone takes longer."""
        return crossover(lambda batch: self.seconds(batch, device))

    def prefill_seconds(self, device: Device, devices: int = 1) -> tuple[float, float]:
        """Seconds of arithmetic and of reading, of all positions of the context of one sequence."""
        moved = self.read_bytes(self.context) + self.cache_bytes
        return self.prefill_flops / (device.flops * devices), moved / (device.bandwidth * devices)


def crossover(seconds: Callable[[int], tuple[float, float]]) -> int | None:
    """The least batch at which arithmetic takes as long as reading; None where the cache alone takes longer.

    Args:
        seconds: of arithmetic and of reading, for a batch; both grow by as much with every sequence once the batch is
            so large that all experts are read.
    """
    (first, read), (more, read_more) = seconds(LARGE), seconds(2 * LARGE)
    if more - first <= read_more - read:
        return None
    low, high = 0, 1
    while seconds(high)[0] < seconds(high)[1]:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if seconds(middle)[0] >= seconds(middle)[1] else (middle, high)
    return high


def _one_query(pairs: Expr) -> Expr:
    """What n queries take, for one: an amount that is quadratic in n, divided by n."""
    if pairs == 0:
        return Integer(0)
    return Poly(pairs.subs(B, 1), at.n).quo(Poly(at.n, at.n)).as_expr()


def experts_held(model: Model) -> float:
    """Numbers that all experts of all layers hold."""
    sizes, total = model.sizes, 0
    for stack in model.architecture.stacks:
        rows = [row for row in stack.rows if "{x}" in row.name]
        total += sum(int(row.elements.subs(sizes)) for row in rows) * sizes[stack.layers] * sizes.get(at.n_X, 0)
    return float(total)


def active_parameters(model: Model) -> int:
    """Numbers that one token meets: of the experts only those that it is sent to."""
    if at.n_X not in model.sizes:
        return model.parameter_count
    idle = model.sizes[at.n_X] - model.sizes[at.k_X]
    return model.parameter_count - round(experts_held(model) * idle / model.sizes[at.n_X])


def speculated(acceptance: float, drafted: int) -> float:
    """Tokens that one pass of the large model is expected to give: (1 − α^(γ+1))/(1 − α), Leviathan et al. 2022, eq. 1.

    Args:
        acceptance: the probability α that a drafted token is accepted.
        drafted: how many are drafted, γ.

    Raises:
        ValueError: α is no probability, or γ is negative.

    Source: Leviathan et al. 2022, arXiv:2211.17192.
    """
    if not 0 <= acceptance <= 1 or drafted < 0:
        raise ValueError(f"acceptance: expected a probability and 0 tokens or more, got {acceptance} and {drafted}")
    return float(sum(acceptance**power for power in range(drafted + 1)))


def speedup(acceptance: float, drafted: int, cost: float) -> float:
    """How much faster that is, if a drafted token takes `cost` of a pass of the large model: their theorem 3.8."""
    return speculated(acceptance, drafted) / (drafted * cost + 1)
