"""Terms: a name for what has one already goes; a term that an option adds is added where the option is set.

`T = U` is left out, and U computed under the name T. A line that is 0 unless an option is set, and only ever added to
another, becomes an addition under that option. The numbers are the same: x + 0 is x.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from symformer.compile.arrays import Array, Load, Map, Number, loads
from symformer.compile.lines import Line, opposite


def without_names(lines: Sequence[Line], outputs: Collection[str]) -> list[Line]:
    """The lines without those that give another name to what nobody else reads."""
    out = list(lines)
    for line in lines:
        if not isinstance(line.array, Load):
            continue
        source = line.array.name
        made = [other for other in out if other.variable == source]
        alone = [other for other in out if source in other.reads] == [line] and source not in outputs
        if line.guard is None and len(made) == 1 and alone and made[0].axes == line.axes:
            out[out.index(made[0])] = replace(made[0], variable=line.variable)
            out.remove(line)
    return out


def guarded_terms(lines: Sequence[Line], outputs: Collection[str]) -> list[Line]:
    """The lines with terms that are 0 unless an option is set added under that option."""
    out = list(lines)
    for line in lines:
        if not _is_zero_otherwise(line) or line.variable in outputs:
            continue
        readers = [other for other in out if line.variable in other.reads]
        if len(readers) == 1 and readers[0].guard is None and readers[0].reads.count(line.variable) == 1:
            rest = without_term(readers[0].array, line.variable)
            if rest is not None and set(rest.axes) == set(readers[0].axes):
                _moved(out, line, readers[0], rest)
    return out


def _moved(out: list[Line], term: Line, reader: Line, rest: Array) -> None:
    sum_ = Load(reader.axes, reader.variable, batched=True)
    added = Map(reader.axes, "add", (sum_, term.array))
    place = out.index(reader)
    out[place] = replace(reader, array=rest)
    later = replace(term, variable=reader.variable, axes=reader.axes, array=added, other=None, sizes=reader.sizes)
    out.insert(place + 1, later)
    out.remove(term)


def _is_zero_otherwise(line: Line) -> bool:
    return line.guard is not None and line.other is not None and zero(line.other)


def only_where_set(lines: Sequence[Line], outputs: Collection[str]) -> list[Line]:
    """Outputs that are 0 unless an option is set are left out where it is not: the caller gets None for them."""
    turned = [_turned(line) for line in lines]
    return [
        replace(line, other=None) if line.variable in outputs and _is_zero_otherwise(line) else line for line in turned
    ]


def _turned(line: Line) -> Line:
    """A line that is 0 where its option is set, under the opposite guard."""
    if line.guard is None or line.other is None or not zero(line.array) or zero(line.other):
        return line
    guard = opposite(line.guard)
    formula = f"{line.formula.partition(' = ')[0]} = {line.other_formula}"
    return replace(line, array=line.other, other=line.array, formula=formula, guard=guard, other_formula="0")


def zero(array: Array) -> bool:
    """Whether an array is nothing but 0."""
    if isinstance(array, Map) and array.name in ("multiply", "select", "real"):
        return zero(array.parts[0])
    return isinstance(array, Number) and array.code == "0"


def without_term(array: Array, name: str) -> Array | None:
    """A sum without the term that is just that variable; None where the variable is no term of a sum."""
    if not isinstance(array, Map) or array.name != "add":
        if isinstance(array, Map) and array.name == "subtract" and name not in loads(array.parts[1]):
            left = without_term(array.parts[0], name)
            return None if left is None else replace(array, parts=(left, array.parts[1]))
        return None
    for place, part in enumerate(array.parts):
        other = array.parts[1 - place]
        if isinstance(part, Load) and part.name == name:
            return other
        if name in loads(part):
            left = without_term(part, name)
            return None if left is None else replace(array, parts=(left, other) if place == 0 else (other, left))
    return None


def only_read(lines: Sequence[Line], outputs: Collection[str]) -> list[Line]:
    """The lines without those that no output depends on."""
    wanted, kept = set(outputs), []
    for line in reversed(lines):
        if line.variable in wanted:
            kept.append(line)
            wanted |= {*line.reads}
    return kept[::-1]
