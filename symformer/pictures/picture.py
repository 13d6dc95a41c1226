"""A picture: an inline `<svg>` with its title and, for those who do not see it, its text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from symformer.pictures.svg import tag

WIDTH = 340.0  # what a phone of 360 pixels shows without scaling


@dataclass(frozen=True)
class Picture:
    """A drawing ready to be put into a page.

    Attributes:
        title: what is shown.
        description: the same in words, with the numbers.
        thumbnail: the drawing without its words, to stand beside a title that says what it is.
        svg: a complete `<svg>` element; it shrinks with its column and never grows beyond its own size.
    """

    title: str
    description: str
    svg: str
    thumbnail: str = ""


def picture(
    name: str, title: str, description: str, size: tuple[float, float], body: str, role: str = "img"
) -> Picture:
    """A drawing of this width and height, named by its `<title>` and `<desc>`; `name` makes their ids unique."""
    key = re.sub(r"[^\w-]", "-", name)
    width, height = size
    words = tag("title", escape(title), id=f"{key}-title") + tag("desc", escape(description), id=f"{key}-desc")
    svg = tag(
        "svg", words + body, xmlns="http://www.w3.org/2000/svg", class_="picture", role=role,
        aria_labelledby=f"{key}-title {key}-desc", viewBox=f"0 0 {width:.0f} {height:.0f}", width=round(width),
        height=round(height), font_family="sans-serif", font_size=12, fill="currentColor",
    )  # fmt: skip
    bare = tag("svg", body, class_="picture", aria_hidden="true", viewBox=f"0 0 {width:.0f} {height:.0f}",
               font_family="sans-serif", font_size=12, fill="currentColor")  # fmt: skip
    return Picture(title, description, svg, bare)
