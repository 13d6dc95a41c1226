"""Identifiers of Rocq: one for each thing of a page, none that means something already."""

from __future__ import annotations

from collections.abc import Collection

WORDS = """F exp ln sin cos pi erf as at cofix else end exists fix for forall fun if in let match mod return
then using where with Prop Set Type SProp S O I E true false is_true under few push pos ge known
algebra indicator closes cases nat rcfType Variable Variables Hypothesis Hypotheses Axiom Axioms Parameter
Parameters Conjecture Conjectures"""
TAKEN = frozenset(WORDS.split())
OURS = ("alg", "step", "part", "fact", "line", "given", "z")


class Unprovable(Exception):
    """What has no statement or no proof here; the words go into the ledger."""


class Names:
    """Identifiers by key; the name that an author gave is kept where it is free."""

    def __init__(self) -> None:
        self.by_key: dict[str, str] = {}

    def of(self, key: str, name: str) -> str:
        """The identifier of what this key stands for."""
        if key not in self.by_key:
            self.by_key[key] = free(name, self.by_key.values())
        return self.by_key[key]


def free(name: str, taken: Collection[str]) -> str:
    """An identifier like this name that is not taken."""
    stem = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_'") else "_" for letter in name)
    stem = stem if stem[:1].isalpha() else "v" + stem
    if stem in TAKEN or _is_ours(stem):
        stem += "_"
    found, number = stem, 1
    while found in taken:
        number += 1
        found = f"{stem}_{number}"
    return found


def _is_ours(name: str) -> bool:
    """Whether it looks like a lemma's name or a bound index of a normal form."""
    return any(name.startswith(word) and name[len(word) :].replace("_", "").isdigit() for word in OURS)
