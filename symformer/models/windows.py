"""How far back each layer looks: all of it, or a window; by older keys, or by `layer_types`."""

from __future__ import annotations

from symformer.models.config import Reader

Windows = tuple[int | None, ...]
FULL, SLIDING = "full_attention", "sliding_attention"
KINDS = {FULL: False, SLIDING: True}


def same_window(read: Reader, layers: int) -> Windows:
    """One window for all layers, where `sliding_window` gives one; 4096 where the key is missing."""
    if "sliding_window" in read.data and read.data["sliding_window"] is None:
        read.ignore("sliding_window")
        return ()
    return (read.size("sliding_window", default=4096),) * layers


def given_window(read: Reader, layers: int) -> Windows:
    """One window for all layers where `sliding_window` gives one, else none."""
    window = read.optional_size("sliding_window")
    return (window,) * layers if window else ()


def one_window_if_used(read: Reader, layers: int) -> Windows:
    """One window for all layers, where `use_sliding_window` asks for it."""
    read.ignore("max_window_layers")
    if not read.flag("use_sliding_window", default=False):
        read.ignore("sliding_window")
        return ()
    return same_window(read, layers)


def later_window(read: Reader, layers: int) -> Windows:
    """A window in the layers from `max_window_layers` on, where `use_sliding_window` asks for it."""
    used = read.flag("use_sliding_window", default=False)
    first = read.count("max_window_layers", default=28)
    listed = _listed(read, layers)
    if not used:
        read.ignore("sliding_window")
        return ()
    window = read.size("sliding_window", default=4096)
    slides = listed or tuple(layer >= first for layer in range(layers))
    return tuple(window if slide else None for slide in slides) if any(slides) else ()


def alternating_window(read: Reader, layers: int) -> Windows:
    """A window in every other layer, beginning with the first, unless `layer_types` says otherwise."""
    slides = _listed(read, layers) or tuple(layer % 2 == 0 for layer in range(layers))
    window = read.size("sliding_window", default=4096)
    return tuple(window if slide else None for slide in slides) if any(slides) else ()


def periodic_window(read: Reader, layers: int, key: str, default: int) -> tuple[bool, ...]:
    """Which layers have a window: all but every so many-th, unless `layer_types` says otherwise."""
    listed = _listed(read, layers)
    if listed:
        read.ignore(key, f"_{key}")
        return listed
    period = read.size(key, f"_{key}", default=default)
    return tuple((number + 1) % period != 0 for number in range(layers))


def _listed(read: Reader, layers: int) -> tuple[bool, ...]:
    """What `layer_types` says of each layer.

    Raises:
        ConfigError: it is no list of one known kind a layer.
    """
    if not read.has("layer_types"):
        return ()
    kinds = read.data["layer_types"]
    if not isinstance(kinds, list) or len(kinds) != layers or not all(kind in KINDS for kind in kinds):
        raise read.error("layer_types", f"a list of {layers} of {', '.join(KINDS)}", kinds)
    return tuple(KINDS[kind] for kind in kinds)
