"""The document around a page: its style, scripts and policy are in it, and nothing is asked for from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from symformer.pictures.standalone import BASE, THEME, compact, fingerprint
from symformer.writers.page import Link
from symformer.writers.places import Place
from symformer.writers.render import render

LIVE = (
    "reading.js",
    "computing.js",
    "writing.js",
    "copying.js",
    "drawn.js",
    "live.js",
)  # the scripts of live pages, in order


def web_shell(
    title: str,
    main: str,
    *,
    place: Place | None = None,
    home: bool = True,
    contents: bool = False,
    indices: Sequence[Link] = (),
    wide: bool = False,
    lines: bool = True,
    live: str = "",
) -> str:
    """A whole document: style, scripts and policy are in it, and nothing else is needed.

    Args:
        title: of the document.
        main: what `web_page` or another writer of this module wrote.
        place: where it stands in a book.
        home: whether it has a way back to the contents.
        contents: whether it is the table of contents.
        indices: what else the contents lead to.
        wide: whether it is that or another index of the book.
        lines: whether it has lines, which a reader can select.
        live: the page's own script, which the runtime of live pages is put around.
    """
    style = BASE + asset("style.css") + (asset("contents.css") if wide else "")
    own = (
        ["contents.js"]
        if contents
        else ["script.js", "lighting.js", "reader.js", *["lines.js"] * lines, *["formulas.js"] * wide]
    )
    scripts = ["\n".join([THEME, *map(asset, own)])]
    if live:
        scripts += ["\n".join([asset("arrays.js"), live, *(asset(name) for name in LIVE)])]
    closed = "default-src 'none'; base-uri 'none'; form-action 'none'"
    sources = " ".join(f"'{fingerprint(script)}'" for script in scripts)
    policy = f"{closed}; style-src '{fingerprint(style)}'; script-src {sources}"
    return render("shell.html.j2", title=title, main=main, style=style, scripts=scripts,
                  policy=policy, place=place or (Place() if home and not contents else None), contents=contents,
                  indices=indices)  # fmt: skip


@cache
def asset(name: str) -> str:
    """A file beside the templates, as readers load it."""
    return compact(files("symformer.writers").joinpath("templates", name).read_text(encoding="utf-8"), name)
