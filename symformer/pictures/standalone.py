"""A page of HTML that stands alone: style, script and data are in it, and its policy allows nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined

CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'"


def standalone(room: str, name: str, *, base: tuple[str, str] | None = None, **context: Any) -> str:
    """The page that a template of a room makes, with its style and script: `templates/NAME.html.j2`, `.css`, `.js`.

    Args:
        room: a package, such as "symformer.models".
        name: of the three files.
        base: room and name of a style that this one's goes on from.
        context: what the template asks for beside style, script and policy.
    """
    style, script = _asset(room, f"{name}.css"), f"{THEME}\n{_asset(room, f'{name}.js')}"
    if base is not None:
        style = _asset(base[0], f"{base[1]}.css") + "\n" + style
    style = f"{BASE}\n{style}"
    policy = f"{CLOSED}; style-src '{fingerprint(style)}'; script-src '{fingerprint(script)}'"
    return str(_template(room, name).render(style=style, script=script, policy=policy, **context))


def packed(texts: Iterable[str]) -> str:
    """Texts for a script to unpack: parted by zeros, deflated, in base 64."""
    packer = zlib.compressobj(9, wbits=-15)
    content = "\0".join(texts).encode()
    return base64.b64encode(packer.compress(content) + packer.flush()).decode()


def compact(content: str, name: str) -> str:
    """A style or script without its comment lines and indentation, which readers need not load."""
    script = name.endswith(".js")
    lines = [line.strip() for line in content.splitlines()]
    kept = [line for line in lines if line and not line.startswith("//" if script else "/*")]
    return "\n".join(kept) if script else tight("".join(kept))


def tight(style: str) -> str:
    """A style sheet without the spaces that only its authors need; no string in ours holds one of these pairs."""
    for pair, short in (
        (": ", ":"),
        ("; ", ";"),
        (" {", "{"),
        ("{ ", "{"),
        (";}", "}"),
        (" }", "}"),
        (", ", ","),
        (" > ", ">"),
    ):
        style = style.replace(pair, short)
    return style


def fingerprint(content: str) -> str:
    """What a policy calls a style or script that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


@cache
def _asset(room: str, name: str) -> str:
    content = files(room).joinpath("templates", name).read_text(encoding="utf-8")
    return content.strip() if name.endswith(".j2") else compact(content, name)


@cache
def _template(room: str, name: str) -> Any:
    environment = Environment(undefined=StrictUndefined, variable_start_string="<<", variable_end_string=">>")
    return environment.from_string(_asset(room, f"{name}.html.j2"))


BASE = _asset("symformer.pictures", "base.css")  # what all pages look like
THEME = _asset("symformer.pictures", "theme.js")  # light and dark, on all pages
