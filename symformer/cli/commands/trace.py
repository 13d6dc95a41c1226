"""`trace`: what a part of a real model did, in symbols and in the model's own numbers."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import symformer
from symformer.cli.command import Command, add_out, deliver
from symformer.cli.parser import UsageError, whole_number
from symformer.cli.written import add_formats, written_page
from symformer.writers import WRITERS, Page, TypstMissing, tex, tex_document

if TYPE_CHECKING:
    from symformer.models import LoadedModel
    from symformer.trace import Beside, Traced


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    child.add_argument("directory", metavar="DIR", type=Path, help="a folder with config.json and model.safetensors")
    child.add_argument("--ids", type=token_ids, required=True, help="token ids, as 1,2,3")
    child.add_argument("--layer", type=whole_number, default=0, help="the layer, from 0")
    part = child.add_mutually_exclusive_group()
    part.add_argument("--head", type=whole_number, default=0, help="the head, from 0")
    part.add_argument("--mlp", action="store_true", help="the feed-forward block in place of a head")
    part.add_argument("--norm", metavar="N", help="a norm of the layer in place of a head, by its name there, as N_1")
    part.add_argument("--all", action="store_true", help="all heads, with controls for layer and head (HTML)")
    child.add_argument(
        "--patch",
        metavar="TO",
        help="set each head and block in turn to zero, mean, or to what ids as 1,2,3 give there",
    )
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
    word = room.words_of(options.directory)
    if options.all:
        _check_all(options)
        deliver(room.explorer_page(model, options.ids, word=word, patch=_patched(model, options)), options.out)
        return 0
    traced = _traced(model, options)
    found = room.drifts(traced) if options.check else []
    page = room.trace_page(traced, found, _beside(model, traced, options, word))
    deliver(_written(page, options), options.out)
    return 0 if all(drift.passes for drift in found) else 1


def _check_all(options: Namespace) -> None:
    """All heads are one page of HTML, with controls for the layer.

    Raises:
        UsageError: something is asked for that such a page does not have.
    """
    if options.check:
        raise UsageError("symformer: --check: of one head; --all has none")
    if options.format not in ("text", "html") or options.flavor is not None:  # text is what nobody asked for
        raise UsageError(f"symformer: --all: writes HTML, not {options.flavor or options.format}")


def _traced(model: LoadedModel, options: Namespace) -> Traced:
    """The part that is asked for."""
    if options.mlp or options.norm:
        return symformer.trace.trace_part(model, options.ids, options.layer, "mlp" if options.mlp else options.norm)
    return symformer.trace.trace(model, options.ids, options.layer, options.head)


def _beside(model: LoadedModel, traced: Traced, options: Namespace, word: Callable[[int], str]) -> Beside:
    """What else the page shows, as far as the model has it."""
    room, is_head = symformer.trace, not (options.mlp or options.norm)
    added = _or_none(lambda: room.attribution(model, options.ids))
    own = _or_none(lambda: room.circuits(model, options.ids, options.layer, options.head)) if is_head else None
    patch = _patched(model, options)
    if patch is not None and added is None:
        name = model.architecture.model_class
        raise room.TraceError(f"--patch: {name} has no logits over words that parts add up to")
    moved = (patch[0], room.effects(model, options.ids, added.token, patch[1])) if patch and added else None
    return room.Beside(word, traced.attentions if is_head else None, traced.layer, added, own, moved)


def _or_none(found: Callable[[], Any]) -> Any:
    """What is found, or None where a model has no such thing."""
    try:
        return found()
    except symformer.trace.TraceError:
        return None


def _patched(model: LoadedModel, options: Namespace) -> tuple[str, Any] | None:
    """What is put in place of parts: in words, and as a patch has it."""
    if options.patch is None or options.patch in ("zero", "mean"):
        return None if options.patch is None else (options.patch, options.patch)
    try:
        ids = token_ids(options.patch)
    except ArgumentTypeError as error:
        raise symformer.trace.TraceError(
            f"--patch: expected zero, mean or ids as 1,2,3, got {options.patch!r}"
        ) from error
    if len(ids) != len(options.ids):
        raise symformer.trace.TraceError(f"--patch: expected {len(options.ids)} ids, as many as --ids, got {len(ids)}")
    return f"what it is for {options.patch}", model(ids, parts=True)


def _written(page: Page, options: Namespace) -> str | bytes:
    """LaTeX is a document, and a web page opens at the numbers."""
    if options.format == "latex":
        return tex_document(tex(page), page.title)
    return written_page(page, options, "number" if options.format == "html" else None)


COMMAND = Command(
    "trace",
    "What a head, a feed-forward block or a norm of a real model did, in symbols and numbers.",
    fill,
    run,
    lambda: (symformer.models.ConfigError, symformer.models.InputError, symformer.trace.TraceError, TypstMissing),
)
