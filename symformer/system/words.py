"""Text of a stranger's in a message: on one line, with control characters as escapes, and not longer than a line."""

from __future__ import annotations

import json
from typing import Any

ESCAPED = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}  # what ends a script, or a line of one
WIDEST = 2000  # characters of a whole message
BRIEF = 60  # characters of a key or of a value in it


def visible(text: str, most: int = WIDEST) -> str:
    """The text on one line of at most `most` characters: "a\\x1b[2J" for what would clear a screen."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in cut)


def brief(value: object, most: int = BRIEF) -> str:
    """A key or a value as it is named in a message."""
    if isinstance(value, int) and abs(value) >= 10**most:
        return f"a number of some {value.bit_length() * 3 // 10} digits"
    return visible(str(value), most)


def _escape(sign: str) -> str:
    return sign.encode("unicode_escape", "surrogatepass").decode("ascii")


def script_json(data: Any, **options: Any) -> str:
    """JSON inside a script of a page: no text in it can end the script, or a line of it."""
    return "".join(ESCAPED.get(sign, sign) for sign in json.dumps(data, ensure_ascii=False, **options))
