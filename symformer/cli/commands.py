"""What each command does. A command returns its exit status; what is wrong is raised."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from symformer.book import UnknownName, book_folder, build, chapters, contents, find, load, problems, results
from symformer.cli.terminal import print_table, progress_of
from symformer.compile import export_source, standalone
from symformer.derivation import Derivation, WorkedExample
from symformer.ops import MODULES, Signature
from symformer.programs import Computed
from symformer.typeset import text
from symformer.values import Example, bind, op_program, read_file
from symformer.writers import tex_document


def signatures() -> dict[str, Signature]:
    """The library's ops, by the name of their function."""
    return {signature.name: signature for module in MODULES for signature in module.SIGNATURES}


def list_book(options: Namespace) -> int:
    """`list`: slug, title, weakest verdict."""
    found = _results([chapter.slug for chapter in chapters()])
    rows = [
        {"slug": listed.slug, "title": listed.title, "part": listed.part, "verdict": found[listed.slug].verdict}
        for listed in contents()
    ]
    if options.json:
        print(json.dumps(rows, indent=1, ensure_ascii=False))
        return 0
    print_table(("slug", "title", "weakest line"), [(row["slug"], row["title"], row["verdict"]) for row in rows])
    return 0


def show(options: Namespace) -> int:
    """`show`: one derivation or worked example, in one format."""
    derivation = load(options.slug)
    if options.at is not None:
        values = read_file(options.at)
        item: Derivation | WorkedExample = derivation.at(values, decimals=options.decimals, source=str(options.at))
        written = _written(item, options.format, options.level or "number")
    elif options.decimals is not None or options.level == "number":
        written = _written(derivation.at(decimals=options.decimals, source="example"), options.format, "number")
    else:
        written = _written(derivation, options.format, options.level)
    if options.format == "latex":
        written = tex_document(written, derivation.title)
    return _deliver(written, options.out)


def _written(item: Derivation | WorkedExample, form: str, level: str | None) -> str:
    writers = {"text": item.text, "latex": item.latex, "markdown": item.markdown, "html": item.html}
    return writers[form](level)


def check(options: Namespace) -> int:
    """`check`: judges every line; 1 where one is refuted against expectation, or open."""
    slugs = options.slugs or [chapter.slug for chapter in chapters()]
    found = _results(slugs, fresh=options.fresh)
    wrong = [problem for problem in problems([found[slug] for slug in slugs]) if "refers to" not in problem]
    keys = ("reason", "relation", "verdict", "expected", "seconds")
    if options.json:
        data = {slug: {"lines": [{key: line[key] for key in keys} for line in found[slug].lines]} for slug in slugs}
        print(json.dumps(data, indent=1, ensure_ascii=False))
    else:
        rows = [(slug, line["relation"], line["verdict"], line["reason"], f"{line['seconds']:.3f} s")
                for slug in slugs for line in found[slug].lines]  # fmt: skip
        print_table(("derivation", "", "verdict", "reason", "time"), rows)
    for problem in wrong:
        print(f"symformer: {problem}", file=sys.stderr)
    return 1 if wrong else 0


def _results(slugs: list[str], *, fresh: bool = False) -> dict[str, Any]:
    wanted = [find(slug) for slug in slugs]
    titles = {listed.slug: listed.title for listed in contents()}
    found = {}
    with progress_of("judging") as report:
        for result in results(wanted, titles, fresh=fresh):
            found[result.chapter.slug] = result
            report(result.chapter.slug, len(found), len(wanted))
    return found


def evaluate(options: Namespace) -> int:
    """`eval`: every named intermediate, at given values or at the example's own."""
    values, source = (None, "example") if options.at is None else (read_file(options.at), str(options.at))
    named, shown = _intermediates(options.name, values, source)
    if options.json:
        print(json.dumps(named, indent=1))
        return 0
    for name, value in shown.items():
        print(f"{name} = {value}")
    return 0


def _intermediates(name: str, values: Mapping[str, Any] | None, source: str) -> tuple[dict[str, Any], dict[str, str]]:
    if name in signatures():
        signature = signatures()[name]
        given = signature.example if values is None else values
        program = op_program(signature, given, source)
        example = Example(bind(program.inputs, given, source))
        tensors = program.unfold().statements
    else:
        worked = load(name).at(values, source=source)
        example, tensors = worked.example, tuple(worked.tensors())
    return {t.name: example.nested(t) for t in tensors}, {t.name: _shown(example, t) for t in tensors}


def _shown(example: Example, tensor: Computed) -> str:
    return text(example.shown(tensor))


def export(options: Namespace) -> int:
    """`export`: a module that needs NumPy alone."""
    if options.name in signatures():
        return _deliver(export_source(signatures()[options.name]), options.out)
    derivation = load(options.name)
    function = derivation.lambdify()
    return _deliver(standalone(function.__name__, function.source), options.out)  # type: ignore[attr-defined]


def build_book(options: Namespace) -> int:
    """`build`: pages, contents and the LaTeX book of a folder."""
    folder = options.folder or book_folder()
    if not folder.is_dir():
        raise UnknownName(f"{folder}: no such folder")
    with progress_of("building") as on_done:
        report = build(folder, options.out, pdf=not options.no_pdf, on_done=on_done)
    for problem in report.problems:
        print(f"symformer: {problem}", file=sys.stderr)
    remarks = "".join(f"; {remark}" for remark in report.remarks)
    print(f"{report.pages} pages in {options.out}, {len(report.written)} files changed{remarks}")
    return 1 if report.problems else 0


def _deliver(written: str, out: Path | None) -> int:
    """To standard output, or to a file that is only touched now that all went well."""
    if out is None:
        print(written.rstrip("\n"))
        return 0
    out.write_text(written, encoding="utf-8")
    return 0


COMMANDS = {
    "list": list_book,
    "show": show,
    "check": check,
    "eval": evaluate,
    "export": export,
    "build": build_book,
}
