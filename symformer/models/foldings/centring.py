"""What is written into a stream that only layer norms read, without its mean over the features: they take it away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from symformer.models.foldings.structure import NotFoldable, is_norm, product, products, statements_reading, terms_of
from symformer.models.foldings.tables import Table
from symformer.notation import Element, Tensor
from symformer.programs import Call, Computed, Definition, Repeat

Writer = tuple[Table, str, int]  # a symbol and the axis of the stream's features


def fold_centring(tables: list[Table]) -> list[tuple[str, str]]:
    """Centres all that writes into the stream, and the unembedding; what was changed, or why nothing was."""
    try:
        writers = list(_writers(tables))
    except NotFoldable as error:
        found = [("the stream", f"kept: {error}")]
    else:
        for table, symbol, axis in writers:
            for copy in table.copies:
                copy[symbol] = copy[symbol] - copy[symbol].mean(axis=axis, keepdims=True)
        found = [(f"{table.name}: {symbol}", "its mean over the features taken away") for table, symbol, _ in writers]
    return [*found, *_unembedding(tables[0])]


def _writers(tables: list[Table]) -> Iterator[Writer]:
    """All that is added to the stream, outside the layers and in each.

    Raises:
        NotFoldable: something other than layer norms reads the stream, or something other than products is added.
    """
    outside, stacks = tables[0], tables[1:]
    results = [one for one in outside.statements if isinstance(one.origin, Repeat)]
    if len(results) > 1 and any(len(one.origin.loop.carried[0].formal.shape) == 0 for one in results):
        raise NotFoldable("there is no stream")
    for result, table in zip(results, stacks, strict=True):
        carried = result.origin.loop.carried[0]
        start = carried.start
        if not isinstance(getattr(start, "origin", None), Repeat):
            yield from _added(start, outside)
            _check_readers([start], outside.statements, allowed={result.digest})
        _check_readers([result], outside.statements, allowed={one.digest for one in results})
        inner = [carried.formal, *_sums(carried.after, carried.formal)]
        _check_readers(inner, table.statements, allowed={one.digest for one in inner})
        for tensor in inner[1:]:
            yield from _added(tensor, table, without={one.digest for one in inner})


def _sums(after: Tensor, formal: Tensor) -> list[Computed]:
    """The sums that lead from the stream before a layer to that after it."""
    found: list[Computed] = []
    tensor = after
    while tensor.digest != formal.digest:
        if not isinstance(tensor, Computed) or not isinstance(tensor.origin, Definition):
            raise NotFoldable(f"{tensor.name} is no sum of the stream and what a block adds")
        found.append(tensor)
        read = [term.tensor for term in terms_of(tensor.origin.body) if isinstance(term, Element)]
        if len(read) < 2 or len(read) != len(terms_of(tensor.origin.body)):
            raise NotFoldable(f"{tensor.name} is no sum of the stream and what a block adds")
        tensor = read[0]
    return found


def _check_readers(stream: list[Tensor], statements: Iterable[Computed], allowed: set[str]) -> None:
    """Checks that only layer norms read a stream, beside the sums that make it."""
    for tensor in stream:
        for reader in statements_reading(tensor, statements):
            if reader.digest in allowed:
                continue
            if not is_norm(reader) or reader.origin.name != "LayerNorm":
                raise NotFoldable(f"{reader.name} reads the stream and keeps its mean")


def _added(tensor: Tensor, table: Table, without: set[str] = frozenset()) -> Iterator[Writer]:  # type: ignore[assignment]
    """The weights and biases of what a sum adds to the stream, or of what it begins with."""
    for term in _summands(tensor, without):
        if isinstance(term.origin, Call):
            yield _looked_up(term, table)
            continue
        (own,) = {one.tensor.digest: one.tensor for one in _features(term, table)}.values()
        found = product(own, term, table.letters)
        yield table, found.weight, len(table.letters[found.weight]) - 1
        if found.bias:
            yield table, found.bias, len(table.letters[found.bias]) - 1


def _summands(tensor: Tensor, without: set[str]) -> Iterator[Computed]:
    if not isinstance(tensor, Computed):
        raise NotFoldable(f"{tensor.name} is an input")
    terms = terms_of(tensor.origin.body) if isinstance(tensor.origin, Definition) else []
    if len(terms) > 1 and all(
        isinstance(term, Element) and isinstance(term.tensor, Computed | Tensor) for term in terms
    ):
        for term in terms:
            if term.tensor.digest not in without:
                yield from _summands(term.tensor, without)
        return
    yield tensor


def _features(term: Computed, table: Table) -> list[Element]:
    """The entries of what a product takes, beside its weight and bias."""
    found = [one for one in term.origin.elements if one.tensor.name not in table.letters]
    if len({one.tensor.digest for one in found}) != 1:
        raise NotFoldable(f"{term.name} is added to the stream and is no product with a weight")
    return found


def _looked_up(term: Computed, table: Table) -> Writer:
    """The table that rows of the stream are looked up in.

    Raises:
        NotFoldable: it is tied, or no embedding.
    """
    held = [one for one in term.origin.arguments if one.name in table.letters]
    if is_norm(term) or len(held) != 1:
        raise NotFoldable(f"{term.name} is added to the stream and is no product with a weight")
    other = next((one for one in statements_reading(held[0], table.statements) if one.digest != term.digest), None)
    if other is not None:
        raise NotFoldable(f"{held[0].name} is tied: {other.name} reads it too")
    return table, held[0].name, len(table.letters[held[0].name]) - 1


def _unembedding(outside: Table) -> list[tuple[str, str]]:
    """Centres over the features what reads the last layer norm, where that norm has neither scale nor shift."""
    found = []
    for norm in outside.statements:
        if not is_norm(norm) or norm.origin.name != "LayerNorm":
            continue
        try:
            found += _behind(outside, norm)
        except NotFoldable as error:
            found.append((f"{outside.name}: {norm.name}", f"what reads it kept: {error}"))
    return found


def _behind(outside: Table, norm: Computed) -> list[tuple[str, str]]:
    reads = products(norm, outside.statements, outside.letters)
    if not reads:
        raise NotFoldable("no product with a weight reads it")
    copy = outside.copies[0]
    _, *own = norm.origin.arguments
    for tensor, plain in zip(own, (1.0, 0.0), strict=False):
        if tensor.name not in copy or abs(copy[tensor.name] - plain).max() > 0:
            raise NotFoldable("the norm has a scale or a shift of its own: fold it first")
    found = []
    for read in reads:
        _check_untied(outside, read.weight, {one.statement.digest for one in reads})
        copy[read.weight] = copy[read.weight] - copy[read.weight].mean(axis=read.axis, keepdims=True)
        found.append((f"{outside.name}: {read.weight}", "its mean over the features taken away"))
    return found


def _check_untied(outside: Table, weight: str, allowed: set[str]) -> None:
    for one in outside.statements:
        if one.digest not in allowed and any(parent.name == weight for parent in one.origin.parents):
            raise NotFoldable(f"{weight} is tied: {one.name} reads it too")
