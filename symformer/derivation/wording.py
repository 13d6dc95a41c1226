"""Running words of an author, in which mathematics is set as it is in formulas.

In `the row of W_K has n − 1 entries` W_K and n − 1 are set: names of the derivation, letters (no English word but a, A
and I is one), letters with subscripts, powers, and the signs between them. Words in backticks become code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from symformer.derivation.core import Core
from symformer.notation import Tensor
from symformer.programs import reachable
from symformer.typeset import Box, Named, Number, Root, Script, Sign, text
from symformer.typeset.boxes import row
from symformer.typeset.names import name_box
from symformer.writers import Code, Inline

RAISED = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "−0123456789", strict=True))
POWER = r"(?:ᵀ|[′″]+|'+(?!\w)|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
NUMBER = r"\d+(?:\.\d+)?(?!\d|[.,]\d)"
OPERATOR = r"[=+−·/≤≥<>≠≈×]"
GREEK = "Α-ΡΤ-Ωα-ωℓ"  # Σ is read as a sum
FUNCTION = "sin|cos|tanh"
SAID = rf"(?=[.,;:)\]]|$| (?:and|is|are)\b| ?{OPERATOR}|[ᵀ⁻¹²³])"  # what never stands behind an article
LETTER = rf"(?:[B-HJ-Zb-z{GREEK}]|a{SAID}|(?<=[^.!?] )A|A{SAID}|A(?= [B-Z]\b))"
NAME = rf"d?[A-Za-z{GREEK}](?:_[A-Za-z0-9{GREEK}]+)+|d[A-Z{GREEK}]|{LETTER}"
END = r"(?![\w^$|`&\\\u0302-\u0304]|\.\w)"
CODE = re.compile(r"(?<!`)`(?![\s`])([^`\n]+)(?<!\s)`(?!`)")


class Wording:
    """Sets the words of one derivation.

    Args:
        names: the boxes of names that are longer than a letter, by how they are written in words.
    """

    def __init__(self, names: Mapping[str, Box]) -> None:
        self.names = names
        known = [re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))]
        name = "|".join([*known, NAME])
        power = rf"(?:{NUMBER}|e|{FUNCTION}){POWER}"
        named = rf"(?:{NUMBER}(?: |(?=[b-df-z{GREEK}])))?√?(?:{name}){POWER}?{END}(?: (?:{name}){POWER}?{END})*"
        term = rf"−?(?:{power}{END}|{named}|{NUMBER}{END})"
        self._run = re.compile(rf"(?<![\w.'’‘“^_$|`&\\])(?<!appendix ){term}(?: ?{OPERATOR} ?{term})*")
        self._piece = re.compile(
            rf"(?P<number>{NUMBER})|(?P<name>{FUNCTION}|{name}|[aAe])|(?P<power>{POWER})|(?P<sign>\S)"
        )

    def __call__(self, words: Inline | str) -> Inline:
        """Running text with its mathematics set; what is no plain word stays as it is."""
        parts = (words,) if isinstance(words, str) else words
        return tuple(out for part in parts for out in (self._set(part) if isinstance(part, str) else (part,)))

    def _set(self, words: str) -> Iterable[str | Box | Code]:
        for place, piece in enumerate(CODE.split(words)):
            yield from ((Code(piece),) if place % 2 else self._mathematics(piece))

    def _mathematics(self, words: str) -> Iterable[str | Box]:
        start = 0
        for run in self._run.finditer(words):
            pieces = list(self._piece.finditer(run.group()))
            if any(piece.group("name") or piece.group("power") for piece in pieces):
                yield from filter(None, (words[start : run.start()],))
                yield self._box(pieces)
                start = run.end()
        yield from filter(None, (words[start:],))

    def _box(self, pieces: list[re.Match[str]]) -> Box:
        items: list[Box] = []
        for piece in pieces:
            if power := piece.group("power"):
                items[-1] = _raised(items[-1], power)
            elif piece.group("sign"):
                items.append(Sign(piece.group()))
            else:
                items.append(self._atom(piece))
                if items[-2:-1] == [Sign("√")]:
                    items[-2:] = [Root(items[-1])]
        return row(*items) if len(items) > 1 else items[0]

    def _atom(self, piece: re.Match[str]) -> Box:
        if number := piece.group("number"):
            return Number(number)
        name = piece.group()
        return Named(name, upright=True) if name in FUNCTION.split("|") else self.names.get(name) or name_box(name)


def _raised(box: Box, power: str) -> Box:
    if power == "ᵀ":
        sup: Box = Sign("⊤")
    elif power[0] in "'′″":
        sup = Named("′" * len(power.replace("″", "′′")))
    else:
        digits = "".join(RAISED[digit] for digit in power)
        sup = row(Sign("−"), Number(digits[1:])) if digits[0] == "−" else Number(digits)
    return Script(box.base, box.sub, sup) if isinstance(box, Script) and box.sup is None else Script(box, None, sup)


def wording_of(derivation: Core) -> Wording:
    """The wording of a derivation: what its tensors are called are its names, but for English words like `head`."""
    given = [tensor for tensor in derivation.given if isinstance(tensor, Tensor)]
    boxes = [tensor.box for tensor in (*given, *reachable(*derivation.tensors()))]
    words = [isinstance(box, Named) and box.upright for box in boxes]
    named = {text(box): box for box, word in zip(boxes, words, strict=True) if not word}
    return Wording({name: box for name, box in named.items() if len(name) > 1})
