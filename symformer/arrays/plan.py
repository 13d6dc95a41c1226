"""Which operations become definitions of their own, and what these are called.

What a user named and computes from the inputs is a definition under that name; so is every maximum, every argument of
an op, what is read twice, and a sum under another sum. Transposes and reshapes are no definitions, and masks and
positions stand where they are used.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

from symformer.arrays.nodes import Node, is_alias, rank_of
from symformer.notation.names import is_name

OUTPUTS = ("LzE", "yzu", "YZO")  # what outputs are called, by how many indices they have
SUMS = ("reduce", "contract", "cumsum", "cumprod")
POOLS = {"max": "m", "call": "PQRS", "contract": "SAZU", "matrix": "ZUYXW", "vector": "zuyxw", "number": "zuyxw"}


class Plan:
    """The definitions of a graph.

    Args:
        outputs: the nodes that are asked for.
        taken: names that mean something else: inputs and sizes.
    """

    def __init__(self, outputs: Sequence[Node], taken: Iterable[str]) -> None:
        self.taken = set(taken)
        self.order = ordered(outputs)
        self.given: dict[str, str] = {}
        for node in self.order.values():
            self._note(node)
        self.defined = _defined(self.order, self.given)
        self.names: dict[str, str] = {}
        for key, node in self.order.items():
            if key in self.defined and is_name(self.given.get(key, "")):
                self.name(node)

    def _note(self, node: Node) -> None:
        """The name that a user gave to a node."""
        if node.name and node.key not in self.given:
            self.given[node.key] = node.name

    def output(self, node: Node) -> None:
        """An output that nobody named is Y or y, a number L."""
        if not is_name(self.given.get(node.key, "")) and node.key not in self.names and node.kind != "tensor":
            self.names[node.key] = self.unused(OUTPUTS[min(rank_of(node), 2)])

    def unused(self, letters: str) -> str:
        """The first of these letters that is free; with a number where none is."""
        return self.free(next((letter for letter in letters if letter not in self.taken), letters[0]))

    def name(self, node: Node) -> str:
        """The name of a node's definition."""
        if node.key not in self.names:
            wanted = self.given.get(node.key, "")
            self.names[node.key] = self.free(wanted) if is_name(wanted) else self._chosen(node)
        return self.names[node.key]

    def free(self, name: str) -> str:
        """A name, with a number where it is taken: x, x_1, x_2."""
        stem = name.rstrip("'")
        tries = (name if not number else f"{stem}_{number}" for number in count())
        found = next(one for one in tries if one not in self.taken)
        self.taken.add(found)
        return found

    def _chosen(self, node: Node) -> str:
        """A letter for what nobody named."""
        kind = "matrix" if rank_of(node) > 1 else "vector" if rank_of(node) else "number"
        if node.kind == "reduce" and node.attrs[0] == "max":
            kind = "max"
        elif rank_of(node) > 1 and node.kind in ("call", "contract"):
            kind = node.kind
        return self.unused(POOLS[kind])


def ordered(outputs: Sequence[Node]) -> dict[str, Node]:
    """All nodes by key, each after what it reads; of equal ones, the first that has a name."""
    found: dict[str, Node] = {}
    waiting = [(node, False) for node in reversed(outputs)]
    while waiting:
        node, ready = waiting.pop()
        if node.key in found:
            if node.name and not found[node.key].name:
                found[node.key] = node
            continue
        if ready:
            found[node.key] = node
            continue
        waiting.append((node, True))
        waiting += [(arg, False) for arg in reversed(node.args)]
    return found


def _defined(order: dict[str, Node], names: dict[str, str]) -> frozenset[str]:
    readers: dict[str, int] = {}
    for node in order.values():
        for key in [arg.key for arg in node.args]:
            readers[key] = readers.get(key, 0) + 1
    through = _through_aliases(order, readers)
    found = {key for key, node in order.items() if _own(node, key in names, through.get(key, 0))}
    found |= {key for key, node in order.items() if key in names and _names_its_source(node, names, readers)}
    scores = [node.args[0] for node in order.values() if node.kind == "call"]
    found |= {node.key for node in scores if node.kind != "tensor"}
    return frozenset(found | _nested(order, found))


def _through_aliases(order: dict[str, Node], readers: dict[str, int]) -> dict[str, int]:
    """How often a node is read, by way of transposes too."""
    found = dict(readers)
    for node in reversed(order.values()):
        if is_alias(node):
            found[node.args[0].key] += found.get(node.key, 1) - 1
    return found


def _names_its_source(node: Node, names: dict[str, str], readers: dict[str, int]) -> bool:
    """Whether a transpose or reshape has a name for what nobody else names or reads: q = (x @ w).reshape(…)."""
    if not is_alias(node) or not node.moves:
        return False
    while is_alias(node):
        node = node.args[0]
        if node.key in names or readers[node.key] > 1:
            return False
    return node.kind not in ("tensor", "call")


def _own(node: Node, named: bool, reads: int) -> bool:
    """Whether a node is a definition by itself."""
    if node.kind in ("tensor", "const", "iota") or not node.given or node.dtype != "f" or is_alias(node):
        return False
    if node.attrs == ("hide",):
        return False
    if node.kind in ("call", "cumsum", "cumprod", "rank") or (node.kind == "reduce" and node.attrs[0] == "max"):
        return True
    return node.moves and (named or reads > 1)


def _nested(order: dict[str, Node], defined: set[str]) -> set[str]:
    """Sums that stand under another sum."""
    found: set[str] = set()
    under: set[str] = set()  # what is read inside a sum, with no definition between
    for key, node in reversed(order.items()):
        inside = key in under and key not in defined and key not in found
        if inside and node.kind in SUMS and node.given and node.dtype == "f":
            found.add(key)
            inside = False
        if node.kind in SUMS or inside:
            under |= {arg.key for arg in node.args}
    return found
