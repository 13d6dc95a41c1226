"""Steps of a body: an array that is made, or changed in place; what becomes an output is written where that lies."""

from __future__ import annotations

from dataclasses import dataclass, field

from symformer.compile.arrays import Array, Map
from symformer.compile.emission.code import COMPARE, Code
from symformer.compile.emission.nodes import INFIX, KERNELS, called
from symformer.compile.emission.reading import with_name

INDENT = "    "
PRODUCTS = ("np.matmul", "seen_matmul")
NO_OUT = ("real", "precise", "hide", "select", "where", "identity")  # what takes no array for its result
AUGMENTED = {"add": "+=", "subtract": "-=", "multiply": "*=", "divide": "/="}
SWAPPED = {"add": "+=", "multiply": "*="}


@dataclass
class Step:
    """One line of Python, or what it is made of.

    Attributes:
        text: the line, where it is known.
        depth: how far it is indented.
        name: the variable that is assigned.
        code: the expression.
        buffer: a number for the memory that the expression makes or changes; 0 for none of ours.
        made: whether the step makes that memory.
    """

    text: str = ""
    depth: int = 0
    name: str = ""
    code: Code | None = None
    buffer: int = 0
    made: bool = False


@dataclass
class Steps:
    """The steps so far, which memory is that of an output, and whether products go to memory that is used again.

    `scratch` says that they may, `scratched` that one did.
    """

    scratch: bool = False
    scratched: bool = False
    steps: list[Step] = field(default_factory=list)
    depth: int = 0
    buffers: int = 0
    targets: dict[int, str] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)

    def say(self, text: str) -> None:
        """A line as it is."""
        self.steps.append(Step(text, self.depth))

    def make(self, name: str, code: Code) -> int:
        """A new array."""
        self.buffers += 1
        self.steps.append(Step("", self.depth, name, code, self.buffers, True))
        return self.buffers

    def mixed(self) -> int:
        """Memory of which it is not known where it was made."""
        self.buffers += 1
        self.unknown.add(self.buffers)
        return self.buffers

    def change(self, text: str, buffer: int, functional: str) -> None:
        """A change in place; `functional` is the same as an expression, for a change that also renames."""
        self.steps.append(Step(text, self.depth, "", Code(functional, COMPARE, (), False), buffer))

    def rename(self, old: str, new: str, buffer: int) -> None:
        """The array under a new name: by the step that changed it last, where that is the step before."""
        last = self.steps[-1] if self.steps else Step()
        changed = last.buffer == buffer and not last.made and last.code is not None and last.depth == self.depth
        if changed and last.code is not None and last.code.text:
            last.text, last.code = f"{new} = {last.code.text}", None
        elif last.buffer == buffer and last.made and last.name == old and last.depth == self.depth:
            last.name = new
        else:
            self.say(f"{new} = {old}")

    def call(self, old: str, new: str, buffer: int) -> None:
        """A variable that one line alone uses under another name, wherever it stands."""
        start = next(place for place, step in enumerate(self.steps) if step.made and step.buffer == buffer)
        for step in self.steps[start:]:
            step.text = with_name(step.text, old, new)
            step.name = new if step.name == old else step.name
            if step.code is not None:
                arguments = step.code.call and (
                    step.code.call[0],
                    tuple(with_name(argument, old, new) for argument in step.code.call[1]),
                )
                step.code = step.code._replace(text=with_name(step.code.text, old, new), call=arguments)

    def lines(self) -> list[str]:
        """The Python lines."""
        return [INDENT * step.depth + line for step in self.steps for line in self._rendered(step)]

    def goes_to_scratch(self, code: Code) -> bool:
        """Whether an expression is a product that goes to memory that is used again."""
        return self.scratch and code.call is not None and code.call[0] in PRODUCTS

    def in_scratch(self, name: str, code: Code) -> str:
        """The expression of what a block alone reads; a product goes to memory that is used again."""
        return self._by_helper("product", name, code) if self.goes_to_scratch(code) else code.text

    def added_in_scratch(self, name: str, code: Code, home: str) -> str:
        """The expression of what has added up so far and more of it; it begins in `home`, if that is not empty."""
        if not self.goes_to_scratch(code):
            return f"added({name}, {code.text})"
        return self._by_helper("added_product", name, code, (name,), (home,) if home else ())

    def _by_helper(
        self, helper: str, name: str, code: Code, before: tuple[str, ...] = (), after: tuple[str, ...] = ()
    ) -> str:
        assert code.call is not None
        self.scratched = True
        slot = name.partition("[")[0]
        seen = ("seen=True",) if code.call[0] != "np.matmul" else ()
        return f'{helper}(scratch, "{slot}", {", ".join((*before, *code.call[1], *after, *seen))})'

    def _rendered(self, step: Step) -> list[str]:
        if not step.made or step.code is None:
            return [step.text]
        target = self.targets.get(step.buffer)
        if target is None:
            return [f"{step.name} = {self.in_scratch(step.name, step.code)}"]
        if step.code.call is None:
            whole = target if target.endswith("]") else f"{target}[...]"
            return [f"{whole} = {step.code.text}", *([] if step.name == target else [f"{step.name} = {target}"])]
        function, arguments = step.code.call
        written = f"{function}({', '.join(arguments)}, out={target})"
        return [written if step.name == target else f"{step.name} = {written}"]


def in_place(node: Map, buffer: str, place: int, parts: list[Code]) -> tuple[str, str] | None:
    """The operation with its result where one of its parts lies: a statement and an expression; None where none is."""
    if node.name in AUGMENTED and len(parts) == 2:
        other = parts[1 - place].text
        whole = f"np.{node.name}({', '.join(part.text for part in parts)}, out={buffer})"
        if place == 0:
            return f"{buffer} {AUGMENTED[node.name]} {other}", whole
        return (f"{buffer} {SWAPPED[node.name]} {other}" if node.name in SWAPPED else whole), whole
    if node.name in ("hide", "select") and place == 0:
        rest = "-np.inf" if node.name == "hide" else "0"
        text = f"np.copyto({buffer}, {rest}, where={negated(node.parts[1], parts[1])})"
        return text, ""
    if (
        node.name in INFIX
        or node.name in KERNELS
        or node.name in ("real", "precise", "hide", "select", "where", "identity")
    ):
        return None
    text = f"{called(node.name)}{node.name}({', '.join(part.text for part in parts)}, out={buffer})"
    return text, text


OPPOSITE = {"<=": ">", "<": ">=", ">=": "<", ">": "<=", "==": "!=", "!=": "=="}
RELATIONS = {"less_equal": "<=", "less": "<", "greater_equal": ">=", "greater": ">", "equal": "==", "not_equal": "!="}


def negated(mask: Array, code: Code) -> str:
    """Where a mask is not True; only relations of positions are turned round, as with NaN none holds."""
    if isinstance(mask, Map) and mask.name in RELATIONS and not _floats(mask):
        sign = RELATIONS[mask.name]
        return code.text.replace(f" {sign} ", f" {OPPOSITE[sign]} ", 1)
    return f"~{code.text}" if code.level > COMPARE else f"~({code.text})"


def _floats(mask: Map) -> bool:
    """Whether a relation may compare floating-point numbers: anything but positions."""
    return any(type(part).__name__ not in ("Count", "Number", "Map") for part in mask.parts) or any(
        _floats(part) for part in mask.parts if isinstance(part, Map)
    )
