"""Tokens as words, where a tokenizer's file lies beside the weights; their numbers elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from symformer.system import brief, read_json
from symformer.trace.head import TraceError

FILES = ("tokenizer.json", "vocab.json", "vocab.txt")
Words = Callable[[int], str]


def words_of(folder: Path | None) -> Words:
    """What each token is called: its word in quotes, or its number where no file in the folder names it.

    Raises:
        TraceError: a file that is no tokenizer's.
    """
    found = next((folder / name for name in FILES if (folder / name).is_file()), None) if folder is not None else None
    names = {} if found is None else _named(found)
    return lambda token: repr(_plain(names[token])) if token in names else str(token)


def _named(path: Path) -> dict[int, str]:
    if path.suffix == ".txt":
        return dict(enumerate(path.read_text(encoding="utf-8").splitlines()))
    data = read_json(path, TraceError, what="not JSON")
    if path.name == "vocab.json":
        return _numbered(path, data)
    if not isinstance(data, dict) or not isinstance(data.get("model"), dict):
        raise TraceError(f"{path}: expected 'model', an object with 'vocab', found none")
    vocabulary = data["model"].get("vocab")
    if isinstance(vocabulary, list):  # of unigrams: pairs of a word and its score
        names = {number: str(pair[0]) for number, pair in enumerate(vocabulary) if isinstance(pair, list) and pair}
    else:
        names = _numbered(path, vocabulary)
    added = data.get("added_tokens") or []
    return names | {
        one["id"]: one["content"] for one in added if isinstance(one, dict) and {"id", "content"} <= set(one)
    }


def _numbered(path: Path, vocabulary: Any) -> dict[int, str]:
    if not isinstance(vocabulary, Mapping) or not all(type(number) is int for number in vocabulary.values()):
        raise TraceError(f"{path}: expected an object from words to numbers, found {brief(vocabulary)}")
    return {number: word for word, number in vocabulary.items()}


def _bytes() -> dict[str, int]:
    """The byte that each letter of a byte-level vocabulary stands for, as GPT-2 has it."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    other = [byte for byte in range(256) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(256 + place): byte for place, byte in enumerate(other)}


BYTES = _bytes()


def _plain(word: str) -> str:
    """A word as it is read: letters that stand for bytes or for a space put back."""
    if "▁" in word:
        return word.replace("▁", " ")
    if "Ġ" not in word and "Ċ" not in word and word.isascii():
        return word
    if all(letter in BYTES for letter in word):
        return bytes(BYTES[letter] for letter in word).decode("utf-8", errors="replace")
    return word
