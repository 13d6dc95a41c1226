"""Names are data: checked where they are given, printed by no magic, and never code."""

from __future__ import annotations

import builtins
import keyword
import pickle

import numpy as np
import pytest
import sympy

import symformer as sf
from symformer.calculus import reverse
from symformer.compile.helpers import helper_sources
from symformer.compile.modules import export_program
from symformer.notation.names import ALLOWED, TITLE_ALLOWED, checked_title, joined_name, python_name

n, m = sf.sizes("n m")
i, j, k = sf.indices("i j k")
x, W = sf.tensor("x", n, m), sf.tensor("W", m)

BAD = [
    "",
    " ",
    "a\nb",
    "a\rb",
    "a\u2028b",
    'a"b',
    "a'b",
    'x"""\nraise SystemExit\n"""',
    "x'''y",
    "a b",
    "a-b",
    "1a",
    "a.b",
    "x;y",
    "\\alpha",
    "x_{1}",
    "a$b",
    "a#b",
    "</script>",
    "a\\",
    "a\x00b",
    "é",
    "𝑥",
    "ﬁ",
    "а",
    "x\u200b",
    "(",
    "'",
    "a[1]",
]


def layer(name="Y", title="Layer", index=None, size=None):
    """A repeat with these names."""
    X = sf.tensor("X", n, m)
    Y = sf.define("Z", (i, j), X[i, j] * W[j])
    start = sf.tensor("X_0", n, m)
    over = (index or sf.indices("ell"), size or sf.sizes("L"))
    return sf.repeat(Y, over, {X: start}, (W,), name=name, title=title)


MAKERS = {
    "tensor": lambda name: sf.tensor(name, n),
    "Tensor": lambda name: sf.Tensor(name, (n,)),
    "scalar": sf.scalar,
    "define": lambda name: sf.define(name, (i, j), x[i, j]),
    "op": lambda name: sf.softmax(x, name=name),
    "program's call": lambda name: sf.program(sf.softmax(x))(x, name=name),
    "repeat": lambda name: layer(name=name),
    "every layer": lambda name: sf.every_layer(layer(), sf.tensor("X", n, m), name),
    "letter of a repeat": lambda name: layer(index=sympy.Symbol(name, integer=True)),
    "size of a repeat": lambda name: layer(size=sympy.Symbol(name, integer=True, positive=True)),
    "size of a tensor": lambda name: sf.tensor("y", sympy.Symbol(name, integer=True, positive=True)),
    "index of a definition": lambda name: (lambda at: sf.define("y", at, W[at]))(sympy.Symbol(name, integer=True)),
    "size in a body": lambda name: sf.define("y", j, W[j] * sympy.Symbol(name, integer=True, positive=True)),
    "bound index": lambda name: (lambda at: sf.sum(W[at], at))(sympy.Symbol(name, integer=True)),
    "function": lambda name: sf.lambdify(sf.softmax(x), name),
}


@pytest.mark.parametrize("name", BAD, ids=ascii)
@pytest.mark.parametrize("maker", MAKERS)
def test_what_is_no_name_is_refused_where_it_is_given(maker, name):
    with pytest.raises(sf.NotationError) as caught:
        MAKERS[maker](name)
    message = str(caught.value)
    assert len(message.splitlines()) == 1 and message.isprintable()
    assert ALLOWED in message
    assert ascii(name)[1:20].rstrip("'\"") in message


BAD_LETTERS = [bad for bad in BAD if bad not in ("a b", "(", " ")]


@pytest.mark.parametrize("make", [sf.sizes, sf.indices])
@pytest.mark.parametrize(
    "names", [*(bad for bad in BAD if bad not in ("a b", "(", " ")), "n m\n", "n, \n m", "i j k-1", None, 7], ids=ascii
)
def test_letters_have_names_too(make, names):
    with pytest.raises(sf.NotationError) as caught:
        make(names)
    assert len(str(caught.value).splitlines()) == 1
    assert ALLOWED in str(caught.value)


@pytest.mark.parametrize("value", [None, 3, b"x", ["x"], sympy.Symbol("x")])
def test_a_name_is_a_string(value):
    with pytest.raises(sf.NotationError, match="the name of a tensor is a string"):
        sf.tensor(value, n)


@pytest.mark.parametrize("title", [name for name in BAD if name not in ("a b", "a-b", "a.b", "x;y", "1a", "(")])
def test_a_title_is_one_line_of_words(title):
    with pytest.raises(sf.NotationError) as caught:
        layer(title=title)
    assert TITLE_ALLOWED in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_titles_of_our_own_are_titles():
    for title in ("Layer", "Encoder layer", "Block 1 & 2 (pre-norm)"):
        assert checked_title(title) == title
        assert title.replace("&", r"\&") in sf.program(layer(title=title)).latex()


def test_the_error_proposes_a_name():
    with pytest.raises(sf.NotationError, match=r"tensor name 'W Q': .*; write W_Q$"):
        sf.tensor("W Q", n)
    with pytest.raises(sf.NotationError, match=r"; write _1st$"):
        sf.tensor("1st", n)


# Names that mean something to Python, or to the code that we write. ---------------------------------------------------

SPOKEN = sorted(
    {
        *keyword.kwlist,
        *keyword.softkwlist,
        *dir(builtins),
        *helper_sources(),
        "np",
        "math",
        "self",
        "cls",
        "dtype",
        "lead",
        "real",
        "at",
        "rows",
        "columns",
        "r",
        "k",
        "e",
        "d",
        "i",
        "blocks",
        "memory",
        "exp",
        "log",
        "x",
        "out",
        "arrays",
        "shapes",
        "lru_cache",
        "__class__",
        "__name__",
        "_",
        "__",
        "_x",
        "x_",
        "a__b",
        "alpha",
        "α",
        "λ",
        "eps",
        "dx",
        "x_shape",
        "x_near",
        "x_hat",
        "x'",
        "x''",
        "cotangent",
        "numpy",
        "symformer",
        "Sigma",
        "Pi",
    }
)


def chain(names):
    """The same program under six names, and the sizes and indices of their choice: input, definition, result."""
    size, other, row, column = names[2:]
    a, b = sympy.symbols(f"{size},{other}", integer=True, positive=True)
    p, q = sympy.symbols(f"{row},{column}", integer=True)
    given = sf.tensor(names[0], a, b)
    made = sf.define(names[1], (p, q), sf.exp(given[p, q]) / a)
    return sf.define("result", p, sf.sum(made[p, q] * given[p, q], q) / b)


PLAIN = ("left", "middle", "rows_", "cols_", "row", "col")


def values(names):
    """Numbers and gradients of a program under these names."""
    result = chain(names)
    point, slope = np.linspace(-1, 1, 12).reshape(3, 4), np.linspace(1, 2, 3)
    backward = sf.gradient(result, names[0])
    return [np.asarray(sf.lambdify(result)(point)), np.asarray(sf.lambdify(backward)(*ordered(backward, point, slope)))]


def ordered(program, point, slope):
    """The arrays of a backward program in the order of its inputs."""
    return [slope if tensor.name == "dresult" else point for tensor in program.inputs]


@pytest.mark.parametrize("start", range(0, len(SPOKEN), 6))
def test_names_of_python_and_of_generated_code_are_names(start):
    """Six of them at once, in every role: inputs, definitions, sizes, indices."""
    names = [SPOKEN[(start + place) % len(SPOKEN)] for place in range(6)]
    turn = start // 6 % 6
    for got, want in zip(values([*names[turn:], *names[:turn]]), values(PLAIN), strict=True):
        assert np.array_equal(got, want), names


@pytest.mark.parametrize("name", ["lambda", "np", "None", "__class__", "blocks", "self", "exp", "r", "alpha"])
def test_an_exported_module_runs_under_any_name(name):
    """Its own, and that of an input."""
    forward = sf.program(chain((name, "middle", "n", "m", "i", "j")))
    space = {}
    exec(export_program(name, forward, [name])[0], space)
    forward_name = space["__doc__"].split(",")[0]  # which is not that of a helper of the module
    like = [key for key in space if key.removesuffix("_vjp").strip("_") == name.strip("_")]
    (backward_name,) = [key for key in like if key.strip("_") != name.strip("_")]
    point, slope = np.linspace(-1, 1, 12).reshape(3, 4), np.linspace(1, 2, 3)
    want = values(PLAIN)
    assert np.array_equal(space[forward_name](point), want[0])
    assert np.array_equal(space[backward_name](slope, point)[0], want[1])


def test_a_python_name_is_one_and_is_free():
    taken = set()
    for name in [*SPOKEN, *SPOKEN]:
        found = python_name(name, taken)
        assert found.isidentifier() and found.isascii() and not keyword.iskeyword(found)
        assert found not in taken and not hasattr(builtins, found)
        assert not (found.startswith("__") and found.endswith("__"))
        taken.add(found)
    assert python_name("W_Q") == "W_Q"
    assert python_name("λ") == "lambda_"


def test_names_join_with_their_primes_at_the_end():
    assert joined_name("dh'", "a", "relu'") == "dh_a_relu''"
    assert joined_name("W", 3) == "W_3"


def test_a_named_tensor_survives_pickling():
    for name in SPOKEN:
        made = sf.tensor(name, n)
        assert pickle.loads(pickle.dumps(made)) == made


# One name, one tensor. ------------------------------------------------------------------------------------------------

x_row = sf.tensor("x", n)
TWICE = {
    "in a definition": lambda: sf.define("y", (i, j), x[i, j] + x_row[i]),
    "in two definitions": lambda: sf.define(
        "y", (i, j), sf.define("a", (i, j), x[i, j])[i, j] + sf.define("b", i, x_row[i])[i]
    ),
    "in a program": lambda: sf.program(sf.define("a", (i, j), x[i, j]), sf.define("b", i, x_row[i])),
    "in an op": lambda: sf.program(
        sf.attention(x, x, sf.define("b", (i, j), sf.tensor("x", n, m, kind="positive")[i, j]))
    ),
    "of a definition and an input": lambda: sf.program(sf.define("x", (i, j), 2 * x[i, j])),
    "in lambdify": lambda: sf.lambdify(sf.define("x", (i, j), 2 * x[i, j])),
}


@pytest.mark.parametrize("case", TWICE)
def test_two_different_tensors_of_one_name_are_named(case):
    with pytest.raises(sf.NotationError, match="two different tensors are called x") as caught:
        TWICE[case]()
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("ask", [sf.gradient, sf.jacobian, reverse])
@pytest.mark.parametrize("name", ["q", "X", "", "x\n", 'x"', "W'"])
def test_a_gradient_by_what_is_no_input_lists_the_inputs(ask, name):
    target = sf.define("y", i, sf.sum(x[i, j] * W[j], j))
    with pytest.raises(sf.NotationError, match=r"the inputs are x, W") as caught:
        ask(target, name)
    assert len(str(caught.value).splitlines()) == 1
    assert name.strip('\n"') in str(caught.value)
