"""Decoding on several devices: what one of them computes, reads and sends for a token, and how long that takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from symformer.cluster.collectives import ALL_REDUCE, SEND, Collective, divided, group_size
from symformer.cluster.decoding import Decoding, crossover
from symformer.cluster.devices import Device
from symformer.cluster.memory import parameters_of, stages_of
from symformer.cluster.plan import Plan, PlanError, checked
from symformer.cluster.shards import Setting, Shards
from symformer.cluster.step import network_seconds
from symformer.cost import EXPERT, PARTIAL, PIPELINE, Split, Statement, width_of


@dataclass(frozen=True)
class Times:
    """The least seconds of arithmetic, of reading memory and of the network."""

    compute: float
    memory: float
    network: float

    @property
    def seconds(self) -> float:
        """If all three work at once."""
        return max(self.compute, self.memory, self.network)

    @property
    def serial(self) -> float:
        """If the network waits for the others: a layer needs the sum that the devices exchange before it."""
        return max(self.compute, self.memory) + self.network

    @property
    def bound(self) -> str:
        """What takes longest."""
        return max(vars(self), key=lambda name: float(vars(self)[name]))


@dataclass(frozen=True)
class Serving:
    """A model that continues sequences on several devices.

    A batch goes through all stages one after the other, so that stages give no lower latency, but as many batches at
    once. Copies have sequences of their own.

    Attributes:
        decoding: the model, its context and its format.
        plan: degrees of tensor, pipeline and data parallelism.
        device: its peaks.
    """

    decoding: Decoding
    plan: Plan
    device: Device

    def __post_init__(self) -> None:
        if self.plan.expert > 1:
            raise PlanError(
                f"ep: {self.plan.expert} devices that share experts are counted for training; decoding: tp, pp, dp"
            )
        if self.decoding.weight_bytes is not None and self.plan.devices > 1:
            raise PlanError("weights: blocks of quantised numbers are counted whole, on one device")
        checked(self.plan, self._token.limits)

    @cached_property
    def _token(self) -> Shards:
        """The model at one position."""
        return self._shards(1)

    @cached_property
    def _prompt(self) -> Shards:
        """The model at all positions of the context."""
        return self._shards(self.decoding.context)

    def _shards(self, seq: int) -> Shards:
        one = self.decoding
        return Shards(one.model, Setting(seq, one.dtype, one.dtype, encoder_seq=one.context))

    def _share(self, split: Split) -> float:
        """What a device has of an amount, of 1."""
        numbers = split.at(self._token.sizes(1, 1))
        whole = numbers.on_device({})
        return numbers.on_device(self.plan.degrees) / whole if whole else 1.0

    @cached_property
    def flops(self) -> float:
        """Contractions for one token, of a device of each stage together."""
        work = {key: own for place in self._token.counted.places for key, own in place.work.items()}

        def share(statement: Statement, pairs: bool) -> float:
            forward, core = work[statement.key]
            return self._share(core if pairs else forward + core.times(-1))

        return self.decoding.flops_with(share)

    @cached_property
    def cache_bytes(self) -> float:
        """Bytes of one sequence's cache, on a device of each stage together."""
        cached = {name for names in self.decoding.model.architecture.cached.values() for name in names}
        kept = [one for place in self._token.counted.places for one in place.kept if one.name in cached]
        return self.decoding.cache_bytes * self._share(Split.of((one.divisors, one.elements) for one in kept))

    def read_bytes(self, batch: int) -> float:
        """Bytes of parameters that a device of each stage reads, together; see `Decoding.read_bytes`."""
        if self.plan.devices == 1:
            return self.decoding.read_bytes(batch)
        sizes, layers = self._token.sizes(1, self.plan.tensor), dict(self._token.stacks)
        total = 0.0
        for place, cuts, numbers, symbol in self._token.rows():
            if symbol not in self.decoding.looked_up:
                met = 1 - self.decoding.unread_share(batch) if EXPERT in cuts else 1.0
                held = Split.of([(cuts, numbers)]).at(sizes).on_device(self.plan.degrees)
                total += met * held * layers.get(place, 1)
        return total * float(width_of(self.decoding.dtype))

    def _collectives(self, shards: Shards, batch: int) -> Iterator[Collective]:
        """What a device of each stage sends forward: parts of sums, and the stream to the next stage."""
        places, layers = shards.numbers(batch, self.plan.tensor), dict(shards.stacks)
        for name, place in places.items():
            for exchange, whole in place.exchanges:
                if exchange.kind == PARTIAL:
                    devices = group_size(self.plan, exchange.group)
                    share = whole / divided(self.plan, exchange)
                    yield Collective(ALL_REDUCE, exchange.group, exchange.name, layers.get(name, 1), share, devices)
        stream = max(places[name].carried.on_device(self.plan.degrees) for name in layers)
        yield Collective(SEND, PIPELINE, "stream", self.plan.pipeline - 1, stream, 2)

    def times(self, batch: int, queries: int = 1) -> Times:
        """Seconds until every sequence of a batch has its next token.

        Args:
            batch: sequences of a copy.
            queries: positions that are asked at once, as when drafted tokens are checked.
        """
        tokens = batch * queries
        moved = self.read_bytes(tokens) + batch * self.cache_bytes
        sent = network_seconds(self._collectives(self._token, tokens), self.plan, self.device)
        return Times(tokens * self.flops / self.device.flops, moved / self.device.bandwidth, sent)

    def prefill(self) -> Times:
        """Seconds until all positions of one sequence's context are done."""
        places, layers = self._prompt.numbers(1, self.plan.tensor), dict(self._prompt.stacks)
        flops = sum(
            layers.get(name, 1) * place.forward.on_device(self.plan.degrees) for name, place in places.items()
        )  # fmt: skip
        moved = self.read_bytes(self.decoding.context) + self.cache_bytes
        sent = network_seconds(self._collectives(self._prompt, 1), self.plan, self.device)
        return Times(flops / self.device.flops, moved / self.device.bandwidth, sent)

    def tokens_a_second(self, batch: int) -> float:
        """Tokens of all devices: each stage has a batch of its own at work, and each copy has its own stages."""
        return batch * self.plan.data * self.plan.pipeline / self.times(batch).seconds

    def crossover(self) -> int | None:
        """The least batch of a copy at which arithmetic takes as long as reading; None if no batch is large enough."""

        def seconds(batch: int) -> tuple[float, float]:
            moved = self.read_bytes(batch) + batch * self.cache_bytes
            return batch * self.flops / self.device.flops, moved / self.device.bandwidth

        return crossover(seconds)

    def bytes_held(self, batch: int) -> float:
        """Bytes of parameters and caches on the device that holds most, with a batch at work in each stage."""
        width = float(width_of(self.decoding.dtype))
        held = max(parameters_of(self._token, self.plan, stage) for stage in stages_of(self._token, self.plan))
        return width * held + batch * self.cache_bytes
