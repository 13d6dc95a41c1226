"""Books: a folder of derivations, built; and our own, by slug."""

from symformer.book.build import Report, build, problems
from symformer.book.chapters import LIMIT, Result, results
from symformer.book.library import Listed, UnknownName, book_folder, chapters, contents, find, load
from symformer.book.output import BuildError
from symformer.book.template import write_template

__all__ = [
    "LIMIT",
    "BuildError",
    "Listed",
    "Report",
    "Result",
    "UnknownName",
    "book_folder",
    "build",
    "chapters",
    "contents",
    "find",
    "load",
    "problems",
    "results",
    "write_template",
]
