"""Two different things never print alike, in LaTeX, MathML or text; or their author is told, with both names."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest
import sympy

import symformer as sf
from symformer.notation import lift, normal_cdf
from symformer.typeset import latex, mathml, name_box, text

n, m = sf.sizes("n m")
i, j, k, ij, one, enc = sf.indices("i j k ij one enc")
EMITTERS = {"latex": latex, "mathml": mathml, "text": text}


def looks(thing):
    """How an expression is printed, in each language."""
    return {name: emit(lift(thing).layout().box) for name, emit in EMITTERS.items()}


def told(left, right):
    """Whether an author who writes both in one definition is told that they look the same."""
    message = ""
    try:
        indices = tuple({**lift(left).ranges, **lift(right).ranges})
        sf.define("both", indices, lift(left) - right)
    except sf.NotationError as error:
        message = str(error)
    assert len(message.splitlines()) <= 1
    assert not message or "both print as" in message or "two different tensors" in message
    return bool(message)


def tensor(name, *rank):
    """A tensor with so many axes."""
    return sf.tensor(name, *[n] * (rank[0] if rank else 1))


# Pairs that differ by themselves: each in its own languages, without a check. -----------------------------------------

a, b, d, e, V = (sf.scalar(name) for name in ("a", "b", "d", "e", "V"))
x, y = tensor("x"), tensor("y")
APART = {
    "a matrix and a numbered vector": (tensor("x", 2)[1, i], tensor("x1")[i]),
    "the same with an underscore": (tensor("W", 3)[1, 2, i], tensor("W_1", 2)[2, i]),
    "an index that is a word": (tensor("W", 2)[enc, i], tensor("W_enc")[i]),
    "a letter as a label": (tensor("W", 3)[i, j, k], tensor("W_i", 2)[j, k]),
    "two letters and a word": (tensor("x", 2)[i, j], tensor("x")[ij]),
    "two indices and their product": (tensor("x", 2)[i, j], tensor("x")[lift(i) * j]),
    "two labels and an index": (tensor("W_Q_i")[j], tensor("W_Q", 2)[i, j]),
    "a number of two digits": (tensor("x", 2)[1, 2], tensor("x")[12]),
    "twice an index": (tensor("x", 2)[2, i], tensor("x")[2 * i]),
    "an entry before and one less": (x[lift(i) - 1], x[i] - 1),
    "a power of an entry and an index": (x[i] ** 2, tensor("x", 2)[i, 2]),
    "e to a power and the exponential": (e**a, sf.exp(a)),
    "e with an index, squared": (tensor("e")[i] ** 2, sf.exp(2)),
    "e with a prime": (sf.scalar("e'"), sf.exp(sf.scalar("a"))),
    "a gradient's name and a product": (sf.scalar("dV"), d * V),
    "a gradient's name with a hat": (sf.scalar("dx_hat"), d * sf.scalar("x_hat")),
    "a product with a name of a function": (sf.scalar("log") * (a + b), sf.log(a + b)),
    "a product with tanh": (sf.scalar("tanh") * (a + b), sf.tanh(a + b)),
    "a product with Φ": (sf.scalar("Phi") * (a + b), normal_cdf(a + b)),
    "a product with max": (tensor("max")[k] * x[k], sf.max(x[k], k)),
    "Sigma and a sum": (tensor("Sigma")[k] * x[k], sf.sum(x[k], k)),
    "two ranges": (sf.sum(a, (k, n)), sf.sum(a, (k, m))),
    "two ranges of a maximum": (sf.max(a, (k, n)), sf.max(a, (k, m))),
    "x in the name and as a label": (sf.scalar("Ax"), sf.scalar("A_x")),
    "underscores": (sf.scalar("x_"), sf.scalar("x")),
    "underscores in front": (sf.scalar("_x"), sf.scalar("x")),
    "two underscores": (sf.scalar("a__b"), sf.scalar("a_b")),
    "a hat and a word": (sf.scalar("x_hat"), sf.scalar("xhat")),
    "a hat over an index": (sf.scalar("x_bar_1"), sf.scalar("x1_bar")),
    "a negative power and a difference": (a**-1, a - 1),
    "a quotient and a product": (a / b * V, a / (b * V)),
    "a product of digits": (lift(2) * 3, lift(23)),
    "a mixed number": (lift(3) * sympy.Rational(1, 2), lift(sympy.Rational(31, 2))),
    "a sum of a product": (sf.sum(x[k] * a, k), sf.sum(x[k], k) + a),
    "a sum of a sum": (sf.sum(x[k], k) + a, sf.sum(x[k] + a, k)),
    "minus under a power": (-(a**2), (-a) ** 2),
    "words side by side": (sf.scalar("ab"), a * b),
}


@pytest.mark.parametrize("pair", APART)
def test_different_things_look_different(pair):
    left, right = (looks(thing) for thing in APART[pair])
    for language in EMITTERS:
        assert left[language] != right[language], language


# Pairs that only a renaming tells apart: the author is told. ----------------------------------------------------------

d_k = sf.sizes("d_k")
TOLD = {
    "a size and an entry": (lift(d_k), tensor("d")[k]),
    "a number and an entry": (sf.scalar("x_i"), x[i]),
    "two spellings": (sf.scalar("eps"), sf.scalar("epsilon")),
    "a Greek letter and its word": (sf.scalar("α"), sf.scalar("alpha")),
    "a digit with and without underscore": (sf.scalar("W1"), sf.scalar("W_1")),
    "a size and a number": (lift(n), sf.scalar("n")),
    "Kronecker's delta and a matrix": (sf.delta(i, j) * tensor("x", 2)[i, j], tensor("delta", 2)[i, j]),
    "the number π": (sf.pi, sf.scalar("pi")),
    "two labels and an entry": (sf.scalar("W_1_2"), tensor("W", 2)[1, 2]),
    "symbols without a name of their own": (sympy.Dummy("t"), sympy.Dummy("t")),
    "symbols by their assumptions": (sympy.Symbol("t"), sympy.Symbol("t", real=True)),
}


@pytest.mark.parametrize("pair", TOLD)
def test_the_author_is_told_of_what_looks_the_same(pair):
    left, right = TOLD[pair]
    assert told(left, right)


RELETTERED = {
    "a size and an index": (k, sf.sizes("k") * x[k], "a_l = k x_l"),
    "a number and an index": (i, x[i] * i + sf.scalar("i"), "a_j = x_j j + i"),
    "a number and a bound index": ((), sf.sum(x[k], k) + sf.scalar("k"), "a = Σ_l x_l + k"),
    "a size and a bound index of its range": ((), sf.sum(x[n], (sf.indices("n"), n)), "a = Σ_[i=1]^n x_n"),
}


@pytest.mark.parametrize("pair", RELETTERED)
def test_an_index_makes_room_for_a_size_or_a_number_of_its_letter(pair):
    """Nothing hangs on an index's letter: another one is printed, also where the author's own stood."""
    indices, body, printed = RELETTERED[pair]
    assert text(sf.define("a", indices, body).equation()) == printed


def test_a_program_is_looked_at_as_a_whole():
    first, second = sf.define("p", k, tensor("d")[k] * 2), sf.define("q", i, x[i] / d_k)
    with pytest.raises(sf.NotationError, match=r"the program: .*d_k.* print as d_k; rename one of them"):
        sf.program(first, second)
    with pytest.raises(sf.NotationError, match="would both be the symbol Q_1_2"):
        sf.define("p", (), tensor("Q_1")[2] + tensor("Q", 2)[1, 2]).explicit(n=2)


# Names. ---------------------------------------------------------------------------------------------------------------

PARTS = [
    "x",
    "W",
    "Q",
    "k",
    "dx",
    "dV",
    "d",
    "e",
    "1",
    "2",
    "12",
    "hat",
    "bar",
    "enc",
    "alpha",
    "α",
    "eps",
    "epsilon",
    "",
    "Ax",
    "A",
]


def test_names_that_look_alike_are_spellings_of_one():
    """No two names of up to three parts print alike, but for Greek letters and for a digit behind a letter."""
    seen = {language: {} for language in EMITTERS}
    for size in (1, 2, 3):
        for parts in product(PARTS, repeat=size):
            for primes in ("", "'"):
                name = "_".join(parts) + primes
                if not name.strip("_'") or name[0].isdigit():
                    continue
                spelled = normal(parts) + primes
                for language, emit in EMITTERS.items():
                    assert seen[language].setdefault(emit(name_box(name)), spelled) == spelled, (name, language)


def normal(parts):
    """One spelling for names that are allowed to look alike."""
    if not all(parts):
        return "_".join(parts)
    return "_".join(parts).replace("alpha", "α").replace("epsilon", "eps")


# Random expressions. --------------------------------------------------------------------------------------------------

POINTS = {}


def value(node):
    """A number for an expression, far from those of others: entries are random, by tensor and index."""
    plain = sympy.sympify(node).subs({n: 2, m: 3}).doit()
    leaves = sorted(
        plain.atoms(sympy.Indexed) | {s for s in plain.free_symbols if not isinstance(s, sympy.Indexed)}, key=str
    )
    free = {leaf: point(leaf) for leaf in leaves if not isinstance(leaf, sympy.IndexedBase)}
    indexed = {leaf: number for leaf, number in free.items() if isinstance(leaf, sympy.Indexed)}
    return complex(plain.xreplace(indexed).xreplace(free).evalf(30))


def point(leaf):
    """A random number for a leaf, the same for the same tensor and indices."""
    key = (lift(leaf).digest, str(leaf))
    return POINTS.setdefault(key, sympy.Rational(random.Random(str(key)).randint(1000, 9999), 3137))


LEAVES = [
    a,
    b,
    d,
    e,
    V,
    sf.scalar("dV"),
    sf.scalar("log"),
    x[i],
    y[i],
    tensor("x1")[i],
    tensor("x", 2)[1, i],
    tensor("W_1", 2)[2, i],
    tensor("W", 3)[1, 2, i],
    tensor("e")[i],
    lift(2),
    lift(3),
    lift(-1),
    lift(sympy.Rational(1, 2)),
    lift(0.5),
    lift(12),
    lift(n),
]
MAKE = [
    lambda p, q: p + q,
    lambda p, q: p - q,
    lambda p, q: p * q,
    lambda p, q: p / q,
    lambda p, q: p**2,
    lambda p, q: -p,
    lambda p, q: p**-1,
    lambda p, q: sf.exp(p),
    lambda p, q: sf.log(p),
    lambda p, q: sf.sqrt(p),
    lambda p, q: 2**p,
    lambda p, q: sf.sum(p * x[k], k),
    lambda p, q: sf.sum(p, (k, n)),
    lambda p, q: sf.sum(p, (k, m)),
    lambda p, q: p * 3,
]


def draws(number, seed):
    """Random expressions of two or three operations."""
    rng = random.Random(seed)
    for _ in range(number):
        node = rng.choice(LEAVES)
        for _ in range(rng.randint(1, 3)):
            other = rng.choice(LEAVES)
            node = rng.choice(MAKE)(*rng.sample([node, other], 2))
        yield lift(node)


def test_random_expressions_that_print_alike_are_equal():
    seen = {language: {} for language in EMITTERS}
    nodes = {node.digest: node for node in draws(2500, random.randrange(10**6))}
    alike = set()
    for digest, node in nodes.items():
        for language, look in looks(node).items():
            first = seen[language].setdefault(look, digest)
            if first != digest:
                alike.add((first, digest))
    for first, second in alike:
        left, right = nodes[first], nodes[second]
        assert abs(value(left) - value(right)) < 1e-9 or told(left, right), str(left)


@pytest.mark.parametrize("rank", [1, 2])
def test_random_entries_do_not_print_alike(rank):
    """Entries of all tensors and indices of a list: different ones look different, or the author is told."""
    names = ["x", "x1", "x_i", "x_1", "x_ij", "x_i_j", "x_1_i", "x_hat", "dx", "W_Q", "W"]
    at = [i, j, ij, one, 1, 2, 12, 2 * i, lift(i) * j, i - 1, i + j]
    entries = [tensor(name, rank)[index] for name in names for index in product(at, repeat=rank)]
    entries += (
        [tensor(name)[index] for name in names for index in at] if rank == 2 else [sf.scalar(name) for name in names]
    )
    for language in EMITTERS:
        groups = {}
        for entry in entries:
            groups.setdefault(looks(entry)[language], {})[entry.digest] = entry
        for group in groups.values():
            for left, right in combinations(group.values(), 2):
                assert told(left, right), (language, left.tensor, right.tensor, str(left))
