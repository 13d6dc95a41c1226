"""A whole program as LaTeX: its equations, then once those of each layer that it repeats."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from symformer.programs.loop import Loop
from symformer.programs.origin import Call, Computed
from symformer.programs.recurrence import Recurrence
from symformer.programs.repeated import Repeat
from symformer.typeset import Box, Sign, latex
from symformer.typeset.boxes import row
from symformer.typeset.latex import aligned, escape_text
from symformer.typeset.names import name_box


def statement_box(statement: Computed) -> Box:
    """A statement as it is printed: a call folded, a definition as written."""
    if isinstance(statement.origin, Call) and statement.origin.folded and statement.label is None:
        return row(statement.box, Sign("="), statement.origin.box())
    return statement.equation()


def layer_words(repeat: Repeat) -> tuple[str | Box, ...]:
    """What a layer is called, what goes through it, and what its weights are: a sentence without its full stop."""
    loop = repeat.loop
    if loop.recurrent:
        return _recurrence_words(loop)
    formal, after = loop.carried[0].formal.box, loop.carried[0].after.box
    slices, shared = loop.slice_boxes(), loop.shared_boxes()
    bound: list[str | Box] = [part for box in slices for part in (", ", box)]
    bound += [f" and so on for all {len(loop.each)} weights"] if len(slices) < len(loop.each) else []
    bound += [part for box in shared for part in (", ", box)]
    title = "Layer " if loop.title == "Layer" else f"{loop.title}, layer "
    words = (title, name_box(loop.index.name), ": ", formal, " becomes ", after)
    return (*words, *((", with ", *bound[1:]) if bound else ()))


def _recurrence_words(loop: Loop) -> tuple[str | Box, ...]:
    """Which steps there are, and what states start from."""
    return (f"{loop.title} ", loop.span_box(), ", from ", *_listed(loop.start_boxes()))


def step_words(loop: Loop) -> tuple[str | Box, ...]:
    """What the names in lines about one step stand for, without a full stop."""
    return ("In lines about one step ", *_listed(Recurrence(loop).called()))


def _listed(boxes: Iterable[Box]) -> list[str | Box]:
    return [part for box in boxes for part in (", ", box)][1:]


def statement_boxes(statements: Iterable[Computed]) -> list[Box]:
    """One box a statement; after what comes out of a recurrence first, the equations of its step."""
    found, known = [], set[str]()
    for statement in statements:
        found.append(statement_box(statement))
        loop = statement.origin.loop if isinstance(statement.origin, Repeat) else None
        if loop is not None and loop.recurrent and loop.digest not in known:
            known.add(loop.digest)
            found += Recurrence(loop).equations()
    return found


def listing(statements: Iterable[Computed]) -> str:
    """The equations as displays that may break between pages: amsmath and amssymb are all they need.

    A layer follows what repeats it, and says only what no layer before has said.
    """
    own = tuple(statements)
    blocks, written, waiting = [], set[str](), [("", own, tuple(map(statement_box, own)))]
    while waiting:
        lead, own, boxes = waiting.pop(0)
        new = [statement for statement in own if statement.digest not in written]
        as_above = "; the rest is as above" if len(new) < len(own) else ""
        shown = [box for place, box in enumerate(boxes) if place >= len(own) or own[place].digest not in written]
        blocks.append((f"{lead}{as_above}.\n" if lead else "") + _display(shown))
        written |= {statement.digest for statement in new}
        repeats = {one.origin.loop.digest: one.origin for one in new if isinstance(one.origin, Repeat)}
        fresh = [repeat for digest, repeat in repeats.items() if digest not in written]
        written |= repeats.keys()
        waiting += [(_inline(layer_words(repeat)), *_layer(repeat.loop)) for repeat in fresh]
    return "{\\allowdisplaybreaks\n" + "\n".join(blocks) + "\n}"


def _layer(loop: Loop) -> tuple[tuple[Computed, ...], tuple[Box, ...]]:
    """The definitions of a layer, and how they are printed, with what a recurrence says beside them at the end."""
    boxes = Recurrence(loop).equations() if loop.recurrent else tuple(map(statement_box, loop.statements))
    return loop.statements, boxes


def _inline(words: Sequence[str | Box]) -> str:
    return "".join(escape_text(part) if isinstance(part, str) else f"${latex(part)}$" for part in words)


def _display(boxes: Iterable[Box]) -> str:
    lines = " \\\\\n".join(map(aligned, boxes))
    return f"\\begin{{align*}}\n{lines}\n\\end{{align*}}"
