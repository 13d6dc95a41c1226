"""Every public name, called with what it does not take: one line that names culprit and cure, and nothing rounded."""

import copy
import pickle
import re

import numpy as np
import pytest

import symformer as sf
from symformer.notation.public import CallError

n, d = sf.sizes("n d")
i, j = sf.indices("i j")
x = sf.tensor("x", n, d)
GPT2 = {"model_type": "gpt2", "n_layer": 1, "n_head": 2, "n_embd": 8, "vocab_size": 11, "n_positions": 8}
NAMES = [name for name in sf.__all__ if callable(getattr(sf, name)) and not isinstance(getattr(sf, name), type)]
CLASSES = ["Curves", "Derivation", "HeatMap", "MaskPicture", "Printed", "Program", "Projection", "Tensor", "Verdict"]
ROOMS = [
    f"{room}.{name}"
    for room in ("models", "dynamics", "cluster", "trace")
    for name in getattr(sf, room).__all__
    if type(getattr(getattr(sf, room), name)).__name__ == "function"
]
WRONG = [
    ((), {"wrong_keyword": 1}),
    (("",), {}),
    ((object(),), {}),
    ((float("nan"),), {}),
    ((np.ones((2, 3)),), {}),
    ((x, object()), {}),
    ((x,), {"axis": "q"}),
    ((x,), {"name": "a\nb"}),
    ((x, x, "q"), {}),
    ((x,) * 9, {}),
]


def found(name):
    """A public name, or one of a room's."""
    room, _, rest = name.rpartition(".")
    return getattr(getattr(sf, room) if room else sf, rest)


@pytest.mark.parametrize("name", [*NAMES, *CLASSES, *ROOMS])
def test_a_wrong_call_is_one_line_of_ours(name):
    for args, options in WRONG:
        error = raised(found(name), args, options)
        if error is not None:
            assert type(error).__module__.startswith("symformer"), (args, options, error)
            assert str(error).strip() and "\n" not in str(error) and len(str(error)) < 700, (args, options)


def raised(function, args, options):
    """What a call raises; None where it goes well."""
    try:
        function(*args, **options)
    except Exception as error:
        return error
    return None


METHODS = {
    "a derivation": (lambda: sf.load("softmax-shift-invariance"), ("latex", "markdown", "html", "lambdify", "check")),
    "a program": (lambda: sf.softmax(x).program, ("__call__", "evaluate")),
    "a model": (lambda: sf.models.from_config(GPT2), ("cost",)),
    "a tensor": (lambda: sf.softmax(x), ("explicit", "equation")),
}


@pytest.mark.parametrize("kind", METHODS)
def test_so_is_a_wrong_call_of_a_method(kind):
    make, methods = METHODS[kind]
    whole = make()
    for method in (one for one in methods if hasattr(whole, one)):
        with pytest.raises(Exception) as caught:
            getattr(whole, method)(wrong_keyword=object())
        assert type(caught.value).__module__.startswith("symformer"), method
        assert "\n" not in str(caught.value) and "wrong_keyword" in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sf.sizes("n", positive=True), ("sizes", "positive", "names: str")),
        (lambda: sf.layer_norm(x, weigth=x), ("layer_norm", "weigth", "did you mean weight?")),
        (lambda: sf.softmax(3), ("softmax", "x is 3, of type int", "x: Tensor")),
        (lambda: sf.softmax(x, axis="q"), ("axis is 'q', of type str", "axis: int = -1")),
        (lambda: sf.load("softmax", 3), ("load", "too many", "slug: str")),
        (lambda: sf.models.from_config(), ("from_config", "config")),
    ],
)
def test_the_line_names_culprit_and_cure(call, words):
    with pytest.raises(CallError) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda: sf.flip(x, 1.5),
        lambda: sf.sort(x, axis=0.5),
        lambda: np.expand_dims(x, 99),
        lambda: np.stack([x, x], axis=7),
        lambda: np.split(x, 1.5),
        lambda: sf.argsort(x, axis=()),
    ],
)
def test_no_axis_is_rounded_or_turned_round(call):
    with pytest.raises(sf.ArrayError):
        call()


def test_what_a_users_own_code_raises_passes():
    class Own:
        def __iter__(self):
            return iter({}["a user's own key"])

    with pytest.raises(KeyError, match="a user's own key"):
        sf.concat(Own())


def test_public_functions_are_pickled_by_their_public_name():
    for name in NAMES:
        one = getattr(sf, name)
        assert pickle.loads(pickle.dumps(one)) is one and copy.deepcopy(one) is one


def test_numbers_that_an_option_cannot_be_are_refused_in_formulas_as_in_functions():
    n, d = sf.sizes("n d")
    x, positions = sf.tensor("x", n, 2 * d), sf.tensor("positions", n)
    target = sf.tensor("target", n, kind="integer", upper=2 * d)
    refused = {
        "layer_norm: eps: expected at least 0, got -1": lambda: sf.layer_norm(x, eps=-1),
        "layer_norm: eps: expected at least 0, got nan": lambda: sf.layer_norm(x, eps=float("nan")),
        "rms_norm: eps: expected at least 0, got -0.5": lambda: sf.rms_norm(x, eps=-0.5),
        "rotary_embedding: base: expected more than 0, got 0": lambda: sf.rotary_embedding(x, positions, base=0),
        "cross_entropy: label_smoothing: expected at most 1, got 2": lambda: sf.cross_entropy(
            x, target, label_smoothing=2
        ),
    }
    for words, call in refused.items():
        with pytest.raises(sf.NotationError, match=f"^{re.escape(words)}$"):
            call()
    assert sf.layer_norm(x, eps=0).shape == sf.layer_norm(x, eps=sf.scalar("e")).shape
