"""`trace`: what one head of a real model did, in symbols and in the model's own numbers."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

import symformer
from symformer.cli.command import Command, add_out, deliver
from symformer.cli.parser import whole_number
from symformer.cli.written import add_formats, written_page
from symformer.writers import WRITERS, Page, TypstMissing, tex, tex_document


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("directory", metavar="DIR", type=Path, help="a folder with config.json and model.safetensors")
    child.add_argument("--ids", type=token_ids, required=True, help="token ids, as 1,2,3")
    child.add_argument("--layer", type=whole_number, default=0, help="the layer, from 0")
    child.add_argument("--head", type=whole_number, default=0, help="the head, from 0")
    child.add_argument("--dtype", help="float16, float32 or float64; by default that of the weights")
    child.add_argument(
        "--check", action="store_true", help="recompute the head with 50 digits and report the differences"
    )
    add_formats(child, WRITERS)
    add_out(child)


def token_ids(text: str) -> list[int]:
    """Whole numbers between commas."""
    try:
        return [whole_number(part) for part in text.split(",")]
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"expected whole numbers as 1,2,3, got {text!r}") from error


def run(options: Namespace) -> int:
    """Writes the page; 1 where a drift is more than rounding explains."""
    room, model = symformer.trace, symformer.models.load(options.directory, dtype=options.dtype)
    traced = room.trace(model, options.ids, options.layer, options.head)
    found = room.drifts(traced) if options.check else []
    deliver(_written(room.trace_page(traced, found), options), options.out)
    return 0 if all(drift.passes for drift in found) else 1


def _written(page: Page, options: Namespace) -> str | bytes:
    """LaTeX is a document, and a web page opens at the numbers."""
    if options.format == "latex":
        return tex_document(tex(page), page.title)
    return written_page(page, options, "number" if options.format == "html" else None)


COMMAND = Command(
    "trace",
    "What one head of a real model did, in symbols and numbers.",
    fill,
    run,
    lambda: (symformer.models.ConfigError, symformer.models.InputError, symformer.trace.TraceError, TypstMissing),
)
