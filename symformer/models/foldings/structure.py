"""What reads a tensor of a program, and whether it is a linear map: Σ_a N_ia W_a… + b."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from sympy import Symbol

from symformer.notation import Add, Element, Mul, Sum, Tensor, Written
from symformer.programs import Call, Computed, Definition, elements, parents

NORMS = ("LayerNorm", "RMSNorm")


class NotFoldable(ValueError):
    """A folding whose condition a model does not meet; the message says which."""


class Product(NamedTuple):
    """A statement that is a product with a weight, and what is added.

    Attributes:
        statement: it.
        weight: the symbol of the weight.
        axis: the axis of the weight that is summed over.
        bias: the symbol of what is added, or "".
    """

    statement: Computed
    weight: str
    axis: int
    bias: str


def statements_reading(tensor: Tensor, statements: Iterable[Computed]) -> Iterator[Computed]:
    """The statements that read a tensor directly."""
    return (one for one in statements if any(parent.digest == tensor.digest for parent in parents(one)))


def products(tensor: Tensor, statements: Iterable[Computed], symbols: Collection[str]) -> list[Product]:
    """All that reads a tensor, if each is a product of its features with a weight.

    Raises:
        NotFoldable: something else reads it.
    """
    return [product(tensor, one, symbols) for one in statements_reading(tensor, statements)]


def product(tensor: Tensor, statement: Computed, symbols: Collection[str]) -> Product:
    """A statement as a product with a weight.

    Raises:
        NotFoldable: it is none.
    """
    refused = NotFoldable(f"{tensor.name} is read by {statement.name}, which is no product with a weight alone")
    if not isinstance(statement.origin, Definition):
        raise refused
    terms = terms_of(statement.origin.body)
    own = [term for term in terms if any(one.tensor.digest == tensor.digest for one in elements(term))]
    rest = [term for term in terms if term not in own]
    if len(own) != 1 or not all(_is_bias(term, symbols) for term in rest) or len(rest) > 1:
        raise refused
    factors, bound = factors_of(own[0])
    reads = [one for one in factors if isinstance(one, Element) and one.tensor.digest == tensor.digest]
    weights = [one for one in factors if isinstance(one, Element) and one.tensor.name in symbols]
    if len(factors) != 2 or len(reads) != 1 or len(weights) != 1:
        raise refused
    index = reads[0].symbols[-1]
    if index not in bound or list(weights[0].symbols).count(index) != 1:
        raise refused
    bias = rest[0].tensor.name if rest and isinstance(rest[0], Element) else ""
    return Product(statement, weights[0].tensor.name, list(weights[0].symbols).index(index), bias)


def _is_bias(term: Written, symbols: Collection[str]) -> bool:
    return isinstance(term, Element) and term.tensor.name in symbols


def terms_of(body: Written) -> list[Written]:
    """The terms of a sum as it is written."""
    return [term for kid in body.kids for term in terms_of(kid)] if isinstance(body, Add) else [body]


def factors_of(term: Written) -> tuple[list[Written], list[Symbol]]:
    """The factors of a product under its sums, and the indices of these."""
    bound: list[Symbol] = []
    while isinstance(term, Sum):
        bound.append(term.index)
        term = term.body
    return (_factors(term), bound)


def _factors(term: Written) -> list[Written]:
    return [one for kid in term.kids for one in _factors(kid)] if isinstance(term, Mul) else [term]


def is_norm(tensor: Tensor) -> bool:
    """Whether a tensor is a call of a norm."""
    return isinstance(tensor.origin, Call) and tensor.origin.name in NORMS


def norms_of(statements: Iterable[Computed]) -> list[Computed]:
    """The norms among statements."""
    return [one for one in statements if is_norm(one)]
