"""A verdict is kept only as long as all that its page read is what it was."""

import os
import sys

from symformer.book.chapters import results
from symformer.derivation import contents, title_of

PAGE = '''"""A page that imports.

Its claim stands in a helper and in a file of numbers.
"""
import sys
from pathlib import Path

here = Path(__file__).parent
sys.path.insert(0, str(here / "aside"))
import a_helper_of_a_page

import symformer as sf

b = sf.scalar("b")
number = int((here / "aside" / "number.txt").read_text())
derivation = sf.Derivation(__doc__, calc=((b + a_helper_of_a_page.ONE, "start"), (b + number, "the same")))
'''


def verdict(folder):
    chapters = contents(folder)
    (result,) = results(chapters, {chapter.slug: title_of(chapter.path) for chapter in chapters})
    return result.verdict, result.error


def test_a_changed_helper_or_file_is_judged_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMFORMER_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "book"
    aside = folder / "aside"
    aside.mkdir(parents=True)
    (folder / "page.py").write_text(PAGE)
    helper, number = aside / "a_helper_of_a_page.py", aside / "number.txt"
    helper.write_text("ONE = 1\n")
    number.write_text("1")
    assert verdict(folder) == ("proved", "")
    number.write_text("2")
    assert verdict(folder) == ("refuted", "")
    number.write_text("1")
    assert verdict(folder) == ("proved", "")
    helper.write_text("ONE = 30\n")
    os.utime(helper, (1, 1))
    sys.modules.pop("a_helper_of_a_page", None)
    assert verdict(folder) == ("refuted", "")
