"""A whole program as LaTeX: its equations, then once those of each layer that it repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symformer.programs.origin import Call, Computed
from symformer.programs.repeated import Repeat
from symformer.typeset import Box, Sign, latex
from symformer.typeset.boxes import row
from symformer.typeset.latex import aligned, escape_text
from symformer.typeset.names import name_box


def statement_box(statement: Computed) -> Box:
    """A statement as it is printed: a call folded, a definition as written."""
    if isinstance(statement.origin, Call) and statement.label is None:
        return row(statement.box, Sign("="), statement.origin.box())
    return statement.equation()


def layer_words(repeat: Repeat) -> tuple[str | Box, ...]:
    """What a layer is called, what goes through it, and what its weights are: a sentence without its full stop."""
    loop = repeat.loop
    formal, after = loop.carried[0].formal.box, loop.carried[0].after.box
    slices, shared = loop.slice_boxes(), loop.shared_boxes()
    bound: list[str | Box] = [part for box in slices for part in (", ", box)]
    bound += [f" and so on for all {len(loop.each)} weights"] if len(slices) < len(loop.each) else []
    bound += [part for box in shared for part in (", ", box)]
    title = "Layer " if loop.title == "Layer" else f"{loop.title}, layer "
    words = (title, name_box(loop.index.name), ": ", formal, " becomes ", after)
    return (*words, *((", with ", *bound[1:]) if bound else ()))


def listing(statements: Iterable[Computed]) -> str:
    """The equations as displays that may break between pages: amsmath and amssymb are all they need.

    A layer follows what repeats it, and says only what no layer before has said.
    """
    blocks, written, waiting = [], set[str](), [("", tuple(statements))]
    while waiting:
        lead, own = waiting.pop(0)
        new = [statement for statement in own if statement.digest not in written]
        as_above = "; the rest is as above" if len(new) < len(own) else ""
        blocks.append((f"{lead}{as_above}.\n" if lead else "") + _display(new))
        written |= {statement.digest for statement in new}
        repeats = {one.origin.loop.digest: one.origin for one in new if isinstance(one.origin, Repeat)}
        fresh = [repeat for digest, repeat in repeats.items() if digest not in written]
        written |= repeats.keys()
        waiting += [(_inline(layer_words(repeat)), repeat.loop.statements) for repeat in fresh]
    return "{\\allowdisplaybreaks\n" + "\n".join(blocks) + "\n}"


def _inline(words: Sequence[str | Box]) -> str:
    return "".join(escape_text(part) if isinstance(part, str) else f"${latex(part)}$" for part in words)


def _display(statements: Iterable[Computed]) -> str:
    lines = " \\\\\n".join(aligned(statement_box(one)) for one in statements)
    return f"\\begin{{align*}}\n{lines}\n\\end{{align*}}"
