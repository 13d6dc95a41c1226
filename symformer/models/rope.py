"""Rotary positions: their base, how their frequencies are stretched for longer sequences, which features turn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from symformer.models import letters as at
from symformer.models.config import Reader
from symformer.models.rows import Heads
from symformer.models.sizes import Sizes

ROPE_KINDS = ("default", "linear", "dynamic", "yarn", "longrope", "llama3")
OLDER = ("su",)  # another name for longrope
STRETCHED = ("yarn", "longrope", "llama3")  # these know how long the sequences of the first training were
ORIGINAL = "original_max_position_embeddings"


@dataclass(frozen=True)
class Rope:
    """Rotary positions.

    Attributes:
        base: of the geometric row of frequencies.
        kind: "default", or how the frequencies are stretched for longer sequences.
        settings: what that needs, as the configuration has it, completed by what it says elsewhere.
        factor: what turned queries and keys are multiplied by.
    """

    base: float
    kind: str
    settings: Mapping[str, Any]
    factor: float = 1.0


def rope_of(
    read: Reader,
    *,
    base: float = 10000.0,
    names: tuple[str, ...] = ("rope_theta",),
    context: int | None = None,
    usual: Mapping[str, Any] | None = None,
) -> Rope:
    """Rotary positions, from `rope_parameters` or the older `rope_theta` and `rope_scaling`.

    Where the configuration does not say, `context` is how long sequences are and `usual` how frequencies are stretched.

    Raises:
        ConfigError: a kind of stretching that is not known, a setting of it that is missing, or two bases that differ.
    """
    new, old = read.inside("rope_parameters"), read.inside("rope_scaling")
    nested = new.number("rope_theta", default=base) if new.has("rope_theta") else None
    found = read.number(*names, default=base) if nested is None or any(map(read.has, names)) else nested
    if nested not in (None, found):
        raise read.error("rope_theta", f"{nested} as in rope_parameters", found)
    if usual and not old.data and not new.data:
        old = Reader(usual, read.source)
    return _stretched(read, old if old.data else new, found, context)


def rope_by_kind(read: Reader, kinds: Mapping[str, tuple[str, float]], *, stretched: str) -> dict[str, Rope]:
    """Rotary positions of each kind of layer: from `rope_parameters` by kind, or from older keys.

    Args:
        read: the configuration.
        kinds: for each kind of layer the older key of its base, and its default.
        stretched: the kind that the older `rope_scaling` is about.
    """
    new, found = read.inside("rope_parameters"), {}
    for kind, (name, base) in kinds.items():
        if kind in new.data:
            own = new.inside(kind)
            found[kind] = _stretched(read, own, own.number("rope_theta", default=base))
        else:
            scaling = read.inside("rope_scaling") if kind == stretched else Reader({}, read.source, read.defaults)
            found[kind] = _stretched(read, scaling, read.number(name, default=base))
    return found


def _stretched(read: Reader, scaling: Reader, base: float, context: int | None = None) -> Rope:
    """The rope of a base whose stretching stands in `scaling`."""
    settings = dict(scaling.data)
    kind = scaling.choice("rope_type", "type", among=(*ROPE_KINDS, *OLDER), default="default")
    if kind in OLDER or (kind == "yarn" and "short_factor" in settings):
        kind = "longrope"  # as Phi-3's first files have it
    context = read.optional_size("max_position_embeddings") or context
    read.ignore(ORIGINAL)
    if kind in STRETCHED:
        outer = read.optional_size(ORIGINAL)
        settings[ORIGINAL] = outer or settings.get(ORIGINAL) or context
    if kind == "dynamic":
        settings["max_position_embeddings"] = context
    if kind in ("yarn", "longrope") and settings.get("factor") is None and context and settings[ORIGINAL]:
        settings["factor"] = context / settings[ORIGINAL]
    return Rope(base, kind, settings, _factor(kind, settings))


def _factor(kind: str, settings: Mapping[str, Any]) -> float:
    """What turned queries and keys are multiplied by, so that scores over long sequences stay as sharp.

    1 where a setting is missing: that stops who runs a model, not who counts it.

    Source: Peng et al. 2023, arXiv:2309.00071, section 3.4; Ding et al. 2024, arXiv:2402.13753, section 4.
    """
    if kind not in ("yarn", "longrope"):
        return 1.0
    told, stretch, length = (_positive(settings, name) for name in ("attention_factor", "factor", ORIGINAL))
    if told or not stretch or stretch <= 1 or not length:
        return told or 1.0
    if kind == "longrope":
        return math.sqrt(1 + math.log(stretch) / math.log(length)) if length > 1 else 1.0
    one, all_of_it = (_positive(settings, name) for name in ("mscale", "mscale_all_dim"))
    return mscale(stretch, one) / mscale(stretch, all_of_it) if one and all_of_it else mscale(stretch)


def mscale(stretch: float, weight: float = 1.0) -> float:
    """YaRN's factor for sequences that are `stretch` times as long: 0.1 · weight · log(stretch) + 1."""
    return 0.1 * weight * math.log(stretch) + 1 if stretch > 1 else 1.0


def _positive(settings: Mapping[str, Any], name: str) -> float:
    """A setting that is a positive number, or 0."""
    value = settings.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        return 0.0
    return float(value)


def rotate(read: Reader, sizes: Sizes, heads: Heads, *names: str, factor: float = 1.0) -> Heads:
    """Heads whose features turn in pairs, all of them or the first part.

    Raises:
        ConfigError: the part is empty, or larger than a head.
    """
    new = read.inside("rope_parameters")
    given = new.number("partial_rotary_factor", default=factor) if new.has("partial_rotary_factor") else None
    read.ignore(*names)
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
