"""One bar in parts: the share of each verdict."""

from __future__ import annotations

from collections.abc import Sequence

from symformer.pictures.picture import WIDTH, Picture, picture
from symformer.pictures.svg import breadth, label, tag

BAR = 28.0
LINE = 20.0
SWATCH = 12.0


def shares(name: str, title: str, counts: Sequence[tuple[str, int]]) -> Picture:
    """A stacked bar, with a legend in the bar's own order.

    Args:
        name: the prefix of the picture's ids, unique on its page.
        title: what is shown.
        counts: words and how many there are of each; none are left out, not even zeros.
    """
    if any(count < 0 for _, count in counts):
        raise ValueError("counts: a count is never negative")
    total = sum(count for _, count in counts)
    shades = [0.5 * (1 - index / max(1, len(counts) - 1)) for index in range(len(counts))]
    legend, height = _legend(counts, shades)
    words = [f"{count} {word}" + (f" ({100 * count / total:.0f} %)" if total else "") for word, count in counts]
    return picture(name, title, f"of {total}: {', '.join(words)}.", (WIDTH, height), _bar(counts, shades) + legend)


def _block(x: float, y: float, width: float, height: float, shade: float) -> str:
    return tag(
        "rect", x=x, y=y, width=width, height=height, rx=2, class_="accent", fill="currentColor", fill_opacity=shade,
        stroke="currentColor",
    )  # fmt: skip


def _bar(counts: Sequence[tuple[str, int]], shades: Sequence[float]) -> str:
    """The parts of the bar; one that is wide enough shows its count."""
    total, x, parts = sum(count for _, count in counts) or 1, 1.0, []
    for (_, count), shade in zip(counts, shades, strict=True):
        width = (WIDTH - 2) * count / total
        if count:
            parts.append(_block(x + 1, 1, max(width - 2, 0.5), BAR, shade))
        if width > breadth(str(count)) + 8:
            parts.append(label(x + width / 2, BAR / 2 + 5, str(count), text_anchor="middle"))
        x += width
    return "".join(parts)


def _legend(counts: Sequence[tuple[str, int]], shades: Sequence[float]) -> tuple[str, float]:
    """A swatch, a word and a count each, in as many lines as they need; and where they end."""
    x, y, parts = 1.0, BAR + 14, []
    for (word, count), shade in zip(counts, shades, strict=True):
        words = f"{word} {count}"
        if x > 1 and x + SWATCH + 6 + breadth(words) > WIDTH:
            x, y = 1.0, y + LINE
        parts += [_block(x, y, SWATCH, SWATCH, shade), label(x + SWATCH + 6, y + 10.5, words)]
        x += SWATCH + 6 + breadth(words) + 12
    return "".join(parts), y + LINE
