"""What the tests of the second judge share: statements of pairs and mutants, and changed exports."""

from __future__ import annotations

import copy
from random import Random

from symformer.notation import Range
from symformer.recheck import opinion
from symformer.statements import Unwritable, statement


def verdict(left, right, ranges=(), relation="=", conditions=()):
    """The second judge's verdict on two written expressions; ranges are sizes by index."""
    spans = {index: Range(size, "the test") for index, size in dict(ranges).items()}
    return opinion(statement(left, relation, right, spans, conditions))


def false_confirmations(pairs):
    """Pairs that the second judge confirms although the plain evaluator sees a difference.

    Not every word can be exported; what cannot is confirmed by nobody.
    """
    found = []
    for pair in pairs:
        try:
            said = verdict(pair.left, pair.right, pair.ranges)
        except Unwritable:
            continue
        if said.kind == "confirmed" and (difference := pair.compare()[1]):
            found.append(f"{pair}: {said.words}: {difference}")
    return found


def wrong_verdicts(mutants, compare):
    """Mutants whose verdict the plain evaluator contradicts, and how many verdicts there are of each kind."""
    wrong, kinds = [], {}
    for mutant in mutants:
        spans = {index: found.size for index, found in mutant.ranges.items()}
        said = verdict(mutant.before, mutant.formula, spans, mutant.relation)
        kinds[said.kind] = kinds.get(said.kind, 0) + 1
        if said.kind == "confirmed" and (difference := compare(mutant.before, mutant.formula, spans)[1]):
            wrong.append(f"{mutant}: {said.words}: {difference}")
    return wrong, kinds


def changed_exports(data, seed, count):
    """(what was changed, a changed copy) of an export, as a fault of the exporter would change it."""
    random = Random(seed)
    for _ in range(count):
        changed = copy.deepcopy(data)
        kind, change = random.choice(list(CHANGES.items()))
        if change(changed, random) and changed != data:
            yield kind, changed


def _lists(node):
    """All expressions in plain data."""
    if isinstance(node, dict):
        for value in node.values():
            yield from _lists(value)
    elif isinstance(node, list):
        if node and isinstance(node[0], str):
            yield node
        for part in node:
            yield from _lists(part)


def _one(random, found):
    return random.choice(found) if found else None


def _wrong_range(data, random):
    sizes = sorted({node[1] for node in _lists(data) if node[0] == "size"})
    spans = [(data["ranges"], index) for index in data["ranges"]]
    spans += [(node, 2) for node in _lists(data) if node[0] in ("sum", "max")]
    chosen = _one(random, spans)
    if not chosen or not sizes:
        return False
    holder, key = chosen
    holder[key] = random.choice([["size", random.choice(sizes)], ["add", holder[key], ["number", "-1"]]])
    return True


def _dropped_condition(data, random):
    kinds = [one for one in data["tensors"].values() if one["domain"]["kind"] != "real"]
    chosen = _one(random, kinds)
    if not chosen:
        return False
    more = [key for key in chosen["domain"] if key != "kind"]
    if more and random.random() < 0.5:
        del chosen["domain"][random.choice(more)]
    else:
        chosen["domain"] = {"kind": "real"}
    return True


def _swapped_index(data, random):
    names = sorted({node[1] for node in _lists(data) if node[0] == "index"})
    places = [node for node in _lists(data) if node[0] == "index"]
    chosen = _one(random, places)
    if not chosen or len(names) < 2:
        return False
    chosen[1] = random.choice([name for name in names if name != chosen[1]])
    return True


def _swapped_axes(data, random):
    chosen = _one(random, [node for node in _lists(data) if node[0] == "entry" and len(node) > 3])
    if not chosen:
        return False
    chosen[2], chosen[3] = chosen[3], chosen[2]
    return True


def _wrong_definition(data, random):
    defined = [one for one in data["tensors"].values() if one["definition"]]
    chosen = _one(random, defined)
    if not chosen:
        return False
    body = chosen["definition"]["body"]
    other = random.choice(defined)["definition"]["body"]
    chosen["definition"]["body"] = random.choice([["neg", body], ["mul", ["number", "2"], body], other])
    return True


def _one_side_twice(data, random):
    data["right"] = copy.deepcopy(data["left"])
    return True


def _lost_part(data, random):
    chosen = _one(random, [node for node in _lists(data) if node[0] in ("add", "mul") and len(node) > 3])
    if not chosen:
        return False
    del chosen[random.randrange(1, len(chosen))]
    return True


def _opened_input(data, random):
    chosen = _one(random, [one for one in data["tensors"].values() if one["definition"]])
    if not chosen:
        return False
    chosen["definition"] = None
    return True


CHANGES = {
    "wrong range": _wrong_range, "dropped condition": _dropped_condition, "swapped index": _swapped_index,
    "swapped axes": _swapped_axes, "wrong definition": _wrong_definition, "one side twice": _one_side_twice,
    "lost part": _lost_part, "definition left out": _opened_input,
}  # fmt: skip
