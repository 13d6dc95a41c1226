"""Generated functions, sf.lambdify of the ops and sympy.lambdify of explicit forms against the plain reference."""

from __future__ import annotations

import copy
import re
from functools import cache, partial

import numpy as np
import numpy_reference as reference
import pytest
import sympy
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import symformer as sf
from symformer import functions
from symformer.evaluate import scalar_symbol

pytestmark = pytest.mark.filterwarnings("error")  # an extreme value that is handled is handled without a warning

PROFILE = settings(deadline=None, max_examples=40, derandomize=True, database=None, report_multiple_bugs=False)
QUICK = settings(PROFILE, phases=[Phase.generate])
TOLERANCE = {"float16": 2e-3, "float32": 2e-5, "float64": 1e-11}
DTYPES = ("float16", "float32", "float64")
FLOATS = DTYPES[:3]
NAMES = ("softmax", "log_softmax", "logsumexp", "layer_norm", "linear", "attention", "cross_entropy")
FINITE = (1e4, -1e4, 2.5)
EXTREME = (*FINITE, -np.inf)


def agree(got, want):
    """Same dtype, same shape, same numbers to the precision of the dtype; NaN equals nothing."""
    assert got.dtype == want.dtype
    assert got.shape == want.shape
    near = TOLERANCE[str(want.dtype)]
    np.testing.assert_allclose(got.astype(float), want.astype(float), rtol=near, atol=near / 10, equal_nan=False)


def sweep(cases, function, expected, profile=PROFILE):
    """Compares two functions of (inputs, options) on whatever the strategy draws."""

    @profile
    @given(cases)
    def compare(case):
        inputs, options = case
        agree(np.asarray(function(*inputs, **options)), np.asarray(expected(*inputs, **options)))

    compare()


# Cases: strategies for (inputs, options). -----------------------------------------------------------------------------

SIZE = st.integers(1, 4)
BATCH = st.lists(st.integers(1, 3), max_size=2).map(tuple)


def shapes(most):
    """Shapes of one to so many axes."""
    return st.lists(SIZE, min_size=1, max_size=most).map(tuple)


@st.composite
def entries(draw, shape, dtype, pool=()):
    """Quarters between -1 and 1 (so that no sum rounds), some or all of them replaced by values from a pool."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.integers(-4, 5, shape) / 4
    if pool:
        chosen = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=2))
        values = np.where(rng.random(shape) < draw(st.sampled_from([0, 0.3, 1])), rng.choice(chosen, shape), values)
    return values.astype(dtype) if dtype in FLOATS else np.nan_to_num(4 * values, neginf=-1e4).astype(dtype)


@st.composite
def narrowed(draw, batch):
    """Batch axes that broadcast to these: some of size 1, some leading ones left out."""
    kept = tuple(draw(st.sampled_from([1, size])) for size in batch)
    return kept[draw(st.integers(0, len(batch))) :]


def first_seen(x, axis=-1):
    """The same array with nothing but finite numbers at the first place of an axis."""
    out = np.array(x)
    first = np.moveaxis(out, axis, -1)[..., 0]
    first[np.isneginf(first)] = 0.25
    return out


@st.composite
def row_cases(draw, *, dtypes=DTYPES, pool=EXTREME, seen=False):
    """x and an axis, for softmax and its relatives."""
    shape = draw(shapes(3))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    x = draw(entries(shape, draw(st.sampled_from(dtypes)), pool))
    return (first_seen(x, axis) if seen else x,), {"axis": axis}


@st.composite
def layer_norm_cases(draw, *, dtypes=DTYPES, pool=FINITE, axes=True):
    """x, with or without a weight and a bias of the shape that is normalised over."""
    shape, dtype = draw(shapes(3)), draw(st.sampled_from(dtypes))
    options = {"axis": draw(st.integers(-len(shape), len(shape) - 1))} if axes else {}
    weight, bias = (draw(st.none() | entries(shape[options.get("axis", -1) :], dtype)) for _ in range(2))
    return (draw(entries(shape, dtype, pool[:3])), weight, bias), options | {"eps": draw(st.sampled_from([1e-5, 0.5]))}


@st.composite
def linear_cases(draw, *, dtypes=DTYPES, pool=FINITE):
    """x, a weight, and a bias or none."""
    shape, width, dtype = draw(shapes(3)), draw(SIZE), draw(st.sampled_from(dtypes))
    bias = draw(st.none() | entries((width,), dtype))
    return (draw(entries(shape, dtype, pool[:3])), draw(entries((shape[-1], width), dtype)), bias), {}


@st.composite
def masks(draw, shape, dtype, pool=EXTREME, seen=False):
    """None, booleans or floats; unless `seen`, some rows may see nothing."""
    kind = draw(st.sampled_from(["none", "boolean", "float"]))
    if kind == "none":
        return None
    if kind == "float":
        mask = draw(entries(shape, dtype if dtype in FLOATS else "float64", pool))
        return first_seen(mask) if seen else mask
    mask = np.random.default_rng(draw(st.integers(0, 99))).random(shape) < 0.6
    mask[..., 0 if seen else slice(draw(st.integers(0, 9)), None, 3)] = seen
    return mask


@st.composite
def attention_cases(draw):
    """q, k and v with batch axes that broadcast and heads that are shared, a mask and every option."""
    (n, m, d, e), dtype, batch = draw(st.tuples(SIZE, SIZE, SIZE, SIZE)), draw(st.sampled_from(DTYPES)), draw(BATCH)
    heads = draw(st.sampled_from([(), (1, 1, 1), (2, 2, 2), (4, 2, 2), (3, 1, 1)]))
    q_lead, k_lead, v_lead = ((*draw(narrowed(batch)), own) for own in heads) if heads else [()] * 3
    q = draw(entries((*q_lead, n, d), dtype, FINITE))
    k, v = draw(entries((*k_lead, m, d), dtype)), draw(entries((*v_lead, m, e), dtype))
    mask = draw(masks((*draw(narrowed((*batch, *heads[:1]) if heads else ())), n, m), dtype))
    capped = {"softcap": draw(st.sampled_from([None, 2.5])), "window": draw(st.sampled_from([None, 0, 1, 2]))}
    return (q, k, v, mask), capped | draw(attention_options(m - n, q))


@st.composite
def attention_options(draw, behind, q):
    """What also `sf.attention` takes; where scores are large the scale is a power of two, which rounds nothing."""
    scales = [None, 0.3, -0.5] if np.abs(q).max() < 100 else [0.5, -0.125]
    offset = draw(st.sampled_from([0, behind, 1, -1]))
    return {"is_causal": draw(st.booleans()), "offset": offset, "scale": draw(st.sampled_from(scales))}


@st.composite
def plain_attention_cases(draw, *, dtypes=DTYPES, pool=EXTREME, seen=False, batch=BATCH, exact=False):
    """What `sf.attention` takes; where `exact`, q, k and v have the same leading axes, and a mask all or the last."""
    (n, m, d, e), dtype, lead = draw(st.tuples(*[st.integers(1, 3)] * 4)), draw(st.sampled_from(dtypes)), draw(batch)
    k_lead, v_lead = (lead if exact else draw(narrowed(lead)) for _ in range(2))
    q = draw(entries((*lead, n, d), dtype, pool[:3]))
    k, v = draw(entries((*k_lead, m, d), dtype)), draw(entries((*v_lead, m, e), dtype))
    options = draw(attention_options(m - n, q)) | ({"offset": 1} if seen else {})
    shared = lead[draw(st.integers(0, len(lead))) :] if exact else draw(narrowed(lead))
    return (q, k, v, draw(masks((*shared, n, m), dtype, pool, seen))), options


@st.composite
def cross_entropy_cases(draw, *, dtypes=DTYPES, pool=EXTREME, reductions=("mean", "sum", "none")):
    """Logits, classes or probabilities, and a reduction."""
    rows, classes, dtype = draw(BATCH), draw(SIZE), draw(st.sampled_from(dtypes))
    reduction, by_class = draw(st.sampled_from(reductions)), draw(st.booleans())
    pool = pool if by_class else pool[:3]
    logits = first_seen(draw(entries((*rows, classes), dtype, pool if dtype != "float16" else pool[2:])))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    counts = rng.integers(1, 5, (*rows, classes))
    shares = (counts / counts.sum(-1, keepdims=True)).astype(dtype if dtype in FLOATS else float)
    return (logits, rng.integers(0, classes, rows) if by_class else shares), {"reduction": reduction}


CASES = {
    "softmax": row_cases,
    "log_softmax": row_cases,
    "logsumexp": row_cases,
    "layer_norm": layer_norm_cases,
    "linear": linear_cases,
    "attention": attention_cases,
    "cross_entropy": cross_entropy_cases,
}
SYMBOLIC_CASES = CASES | {
    "layer_norm": partial(layer_norm_cases, axes=False),
    "attention": plain_attention_cases,
    "cross_entropy": partial(cross_entropy_cases, reductions=("none",)),
}
SEEN = {name: {"seen": True} for name in ("softmax", "log_softmax", "logsumexp")}
SEEN["attention"] = {"seen": True, "exact": True, "batch": st.sampled_from([(), (2,)])}


# Ops: from arrays to the tensor of sf that has such inputs. -----------------------------------------------------------

AXES = sf.sizes("a b n")
N, M, D, E = sf.sizes("n m d e")


def build_rows(name, x, *, axis, whole):
    """Softmax and its relatives; unless `whole`, the axes before the one normalised are batch axes."""
    last = axis % x.ndim - x.ndim
    source = sf.tensor("x", *AXES[-x.ndim if whole else last :])
    return getattr(sf, name)(source, axis=last), [source]


def build_layer_norm(x, weight, bias, *, eps, whole):
    """Layer norm of a row or of a whole array."""
    source = sf.tensor("x", *AXES[-x.ndim if whole else -1 :])
    w, b = (None if given is None else sf.tensor(name, N) for name, given in (("w", weight), ("c", bias)))
    return sf.layer_norm(source, w, b, eps=eps), [source, w, b]


def build_linear(x, weight, bias, *, whole):
    """A linear layer of a row or of a whole array."""
    source = sf.tensor("x", *AXES[-x.ndim if whole else -1 :])
    w, b = sf.tensor("W", N, M), None if bias is None else sf.tensor("c", M)
    return sf.linear(source, w, b), [source, w, b]


def build_attention(q, k, v, mask=None, *, whole, **options):
    """Attention of one head or, as a whole, of the leading axes too."""
    lead = sf.sizes("h g")[: q.ndim - 2] if whole else ()
    sources = [sf.tensor("Q", *lead, N, D), sf.tensor("K", *lead, M, D), sf.tensor("V", *lead, M, E), None]
    if mask is not None:
        shared = lead[len(lead) - (mask.ndim - 2) :] if whole else ()
        sources[3] = sf.tensor("M", *shared, N, M, kind="mask" if mask.dtype == bool else "real")
    return sf.attention(*sources, **options), sources


def build_cross_entropy(logits, targets, *, reduction, whole):
    """Cross-entropy of a row or of a whole array."""
    lead, classes = AXES[: logits.ndim - 1] if whole else (), sf.sizes("C")
    by_class = targets.ndim < logits.ndim
    target = sf.tensor("t", *lead, kind="integer", upper=classes) if by_class else sf.tensor("y", *lead, classes)
    source = sf.tensor("x", *lead, classes)
    return sf.cross_entropy(source, target), [source, target]


BUILDERS = {name: partial(build_rows, name) for name in ("softmax", "log_softmax", "logsumexp")} | {
    "layer_norm": build_layer_norm,
    "linear": build_linear,
    "attention": build_attention,
    "cross_entropy": build_cross_entropy,
}


@cache
def compiled(tensor):
    """sf.lambdify, once for each tensor."""
    return sf.lambdify(tensor)


def lambdified(name, whole=False):
    """sf.lambdify of the op, as a function of (inputs, options)."""

    def function(*inputs, **options):
        tensor, _ = BUILDERS[name](*inputs, **options, whole=whole)
        return compiled(tensor)(*(array for array in inputs if array is not None))

    return function


def explicit(name, modules):
    """sympy.lambdify of the op's explicit form at the sizes of the inputs, as a function of (inputs, options)."""

    def function(*inputs, **options):
        tensor, sources = BUILDERS[name](*inputs, **options, whole=True)
        given = [(source, array) for source, array in zip(sources, inputs, strict=True) if source is not None]
        symbols = {symbol: number for source, array in given for symbol, number in scalars(source, array)}
        form = written_out(tensor, given)
        # SymPy's mpmath printer knows no arrays, but lists.
        printable = form if modules == "numpy" else np.array(form).ravel().tolist()
        values = sympy.lambdify(list(symbols), printable, modules)(*symbols.values())
        return np.array(values, float).reshape(getattr(form, "shape", ()))

    return function


def ways(name):
    """The generated function and the lambdified op."""
    return getattr(functions, name), lambdified(name)


def scalars(source, array):
    """The scalar symbols of an input, each with its number; masks and classes have none."""
    if source.domain.kind in ("mask", "integer"):
        return []
    return [(scalar_symbol(source, tuple(np.add(at, 1))), float(array[at])) for at in np.ndindex(array.shape)]


def written_out(tensor, given):
    """The explicit form; classes count from 1 there."""
    sizes = {str(letter): n for source, array in given for letter, n in zip(source.shape, array.shape, strict=True)}
    masks = {source.name: array.tolist() for source, array in given if source.domain.kind == "mask"}
    classes = {source.name: (array + 1).tolist() for source, array in given if source.domain.kind == "integer"}
    return tensor.explicit(**sizes, **masks, **classes)


# Three ways to the same numbers. --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_the_generated_function_equals_the_reference(name):
    """Every function, on every shape, dtype, axis, mask and extreme value that is drawn."""
    sweep(CASES[name](), getattr(functions, name), getattr(reference, name))


@pytest.mark.parametrize("whole", [False, True], ids=["batch axes", "symbolic axes"])
@pytest.mark.parametrize("name", NAMES)
def test_sf_lambdify_equals_the_reference(name, whole):
    """The op's own program as an array function, with leading axes as batch axes or as axes of its tensors."""
    exact = {"exact": True} if whole and name == "attention" else {}
    sweep(SYMBOLIC_CASES[name](**exact), lambdified(name, whole), getattr(reference, name))


@pytest.mark.parametrize(("modules", "pool"), [("numpy", ()), ("mpmath", EXTREME)], ids=["numpy", "extreme values"])
@pytest.mark.parametrize("name", NAMES)
def test_sympy_lambdify_of_the_explicit_form_equals_the_reference(name, modules, pool):
    """The textbook form; it overflows in floating point, so that extreme values need mpmath."""
    cases = SYMBOLIC_CASES[name](dtypes=("float64",), pool=pool, **SEEN.get(name, {}))
    sweep(cases, explicit(name, modules), getattr(reference, name))


# The comparison bites. ------------------------------------------------------------------------------------------------


def unbiased_layer_norm(x, weight=None, bias=None, *, axis=-1, eps=1e-5):
    """Wrong: divides by n - 1."""
    n = np.asarray(x)[(0,) * (axis % np.ndim(x))].size
    return reference.layer_norm(x, None if weight is None else weight * np.sqrt(1 - 1 / n), bias, axis=axis, eps=eps)


def transposed_linear(x, weight, bias=None):
    """Wrong: a swapped axis, where that fits."""
    return reference.linear(x, weight.T if weight.shape[0] == weight.shape[1] else weight, bias)


def late_attention(*inputs, offset=0, **options):
    """Wrong: sees one key too many."""
    return reference.attention(*inputs, offset=offset + 1, **options)


WRONG = {
    "softmax": lambda x, axis: reference.softmax(-x, axis),
    "log_softmax": lambda x, axis: reference.log_softmax(x, (axis + 1) % x.ndim),
    "logsumexp": lambda x, axis: -reference.logsumexp(x, axis),
    "layer_norm": unbiased_layer_norm,
    "linear": transposed_linear,
    "attention": late_attention,
    "cross_entropy": lambda x, y, reduction: -reference.cross_entropy(x, y, reduction=reduction),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_reference_is_told_apart(name):
    """A wrong sign, a swapped axis, a wrong divisor and a shifted mask fail the same comparison."""
    with pytest.raises(AssertionError):
        sweep(CASES[name](), getattr(functions, name), WRONG[name], QUICK)


@pytest.mark.parametrize("name", ["attention", "linear", "softmax"])
def test_a_wrong_reference_is_told_apart_from_lambdified_and_explicit_forms(name):
    """So do the other two ways."""
    cases = SYMBOLIC_CASES[name](dtypes=("float64",), pool=(), **SEEN.get(name, {}))
    for function in (lambdified(name), explicit(name, "numpy")):
        with pytest.raises(AssertionError):
            sweep(cases, function, WRONG[name], QUICK)


# Batches, dtypes, inputs. ---------------------------------------------------------------------------------------------

RNG = np.random.default_rng(7)
ROW, ROWS, SQUARE = RNG.normal(size=4), RNG.normal(size=(2, 3, 4)), RNG.normal(size=(4, 4))
EXAMPLES = {
    "softmax": ((ROWS,), {"axis": -1}),
    "log_softmax": ((ROWS,), {"axis": -1}),
    "logsumexp": ((ROWS,), {"axis": -1}),
    "layer_norm": ((ROWS, ROW, ROW), {"eps": 0.001}),
    "linear": ((ROWS, SQUARE, ROW), {}),
    "attention": ((ROWS, ROWS[:, :2], ROWS[:, 1:]), {"is_causal": True, "scale": 0.3}),
    "cross_entropy": ((ROWS, RNG.integers(0, 4, (2, 3))), {"reduction": "none"}),
}


def changed(inputs):
    """Whole numbers as float64, but for classes."""
    return tuple(array.astype(float) if array.ndim and array.shape != (2, 3) else array for array in inputs)


def example(name, dtype="float64"):
    """The inputs of an example, its numbers in a dtype, and its options."""
    inputs, options = EXAMPLES[name]
    return tuple(array.astype(dtype) if array.dtype.kind == "f" else array for array in inputs), options


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_gives_what_a_loop_over_it_gives(name):
    """Leading axes are batch axes; weights have none."""
    inputs, options = example(name)
    weights = inputs[1:] if name in ("layer_norm", "linear") else ()
    batched = inputs[: len(inputs) - len(weights)]
    for function in ways(name):
        alone = [function(*rows, *weights, **options) for rows in zip(*batched, strict=True)]
        agree(function(*inputs, **options), np.stack(alone))


def test_attention_over_a_batch_that_broadcasts_gives_what_a_loop_gives():
    """Each query head reads the head of its group, each batch entry its own row of every input."""
    q, k, v = RNG.normal(size=(2, 1, 4, 3, 5)), RNG.normal(size=(3, 2, 6, 5)), RNG.normal(size=(1, 1, 2, 6, 2))
    mask = RNG.random((3, 1, 3, 6)) < 0.5
    out = functions.attention(q, k, v, mask)
    assert out.shape == (2, 3, 4, 3, 2)
    for b, c, h in np.ndindex(2, 3, 4):
        agree(out[b, c, h], functions.attention(q[b, 0, h], k[c, h // 2], v[0, 0, h // 2], mask[c, 0]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_the_dtype_is_kept(name, dtype):
    """Also in sf.lambdify, and NumPy numbers as options widen nothing."""
    inputs, options = example(name, dtype)
    wide = {key: np.float64(value) if isinstance(value, float) else value for key, value in options.items()}
    assert getattr(functions, name)(*inputs, **wide).dtype == dtype
    assert all(function(*inputs, **options).dtype == dtype for function in ways(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_formula_of_ones_own_takes_whole_numbers_as_float64(name):
    """The library's functions refuse them."""
    inputs, options = example(name, "int64")
    agree(lambdified(name)(*inputs, **options), lambdified(name)(*changed(inputs), **options))


@pytest.mark.parametrize("name", NAMES)
def test_lists_and_views_are_taken_like_arrays(name):
    """Nested lists, reversed views and arrays in Fortran order give the same numbers."""
    inputs, options = example(name)
    function = getattr(functions, name)
    want = function(*inputs, **options)
    agree(function(*(array.tolist() for array in inputs), **options), want)
    agree(function(*(np.asfortranarray(array) for array in inputs), **options), want)
    agree(function(*(array[..., ::-1].copy()[..., ::-1] for array in inputs), **options), want)


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_never_modified(name):
    """Neither by the generated functions nor by lambdified ones, whatever is drawn."""

    @PROFILE
    @given(SYMBOLIC_CASES[name]())
    def unchanged(case):
        inputs, options = case
        before = copy.deepcopy(inputs)
        for function in ways(name):
            function(*inputs, **options)
            assert all(np.array_equal(old, new) for old, new in zip(before, inputs, strict=True))

    unchanged()


def test_float16_accumulates_in_float32():
    """Sums that float16 cannot hold or count to."""
    ones = np.ones(5000, np.float16)
    assert functions.linear(ones, ones[:, None]) == 5000
    assert functions.softmax(0 * ones)[0] == np.float16(1 / 5000)
    assert functions.cross_entropy(np.zeros((5000, 2), np.float16), np.zeros(5000, int)) == np.float16(np.log(2))
    agree(functions.layer_norm(1e4 * ones[:2] * [1, -1]), np.array([1.0, -1.0]))
    agree(functions.attention(ones[None], ones[None], ones[None]), ones[None])


# Extreme values. ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_row_of_nothing_but_minus_infinity_is_no_nan(dtype):
    """Zeros, -inf and -inf, next to a row that is seen."""
    x = np.array([[-np.inf, -np.inf], [0, -np.inf]], dtype)
    for function in ways("softmax"):
        np.testing.assert_array_equal(function(x, axis=-1), [[0, 0], [1, 0]])
    for function in ways("log_softmax"):
        np.testing.assert_array_equal(function(x, axis=-1), [[-np.inf, -np.inf], [0, -np.inf]])
    for function in ways("logsumexp"):
        np.testing.assert_array_equal(function(x, axis=-1), [-np.inf, 0])


NOTHING = {
    "boolean mask": {"mask": np.zeros((3, 4), bool)},
    "float mask": {"mask": np.full((3, 4), -np.inf)},
    "keys in the future": {"is_causal": True, "offset": -3},
    "empty window": {"window": 0, "is_causal": True},
    "mask and causal": {"mask": np.array([[False, True, True, True]] * 3), "is_causal": True, "offset": -2},
}


@pytest.mark.parametrize("options", NOTHING.values(), ids=NOTHING)
def test_an_attention_row_that_sees_nothing_gives_zeros(options):
    """However it comes about, and whatever the values are."""
    q, k, v = RNG.normal(size=(3, 2)) * 1e4, RNG.normal(size=(4, 2)), RNG.normal(size=(4, 5))
    np.testing.assert_array_equal(functions.attention(q, k, v, **options), np.zeros((3, 5)))


def test_attention_without_any_key_gives_zeros():
    """As an empty cache does."""
    out = functions.attention(np.ones((3, 2)), np.ones((0, 2)), np.ones((0, 5)))
    np.testing.assert_array_equal(out, np.zeros((3, 5)))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("number", [1e4, 0.25, 0])
def test_a_constant_row_has_layer_norm_zero(number, dtype):
    """At every width: the mean of n equal numbers is that number."""
    for n in range(1, 65):
        assert np.abs(functions.layer_norm(np.full((2, n), number, dtype))).max() < 1e-4


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", ["softmax", "log_softmax", "cross_entropy"])
def test_a_common_shift_changes_nothing(name, dtype):
    """Nor does it cost digits: whole numbers near 1e4 are exact in every dtype, and so are their differences."""
    x = np.array([[0, 8, -16, 8], [8, 8, 8, 8]], dtype)
    more = (np.array([3, 0]),) if name == "cross_entropy" else ()
    options = {"reduction": "none"} if more else {"axis": -1}
    want = getattr(reference, name)(x, *more, **options)
    for function in ways(name):
        agree(function(x + x.dtype.type(1e4), *more, **options), want)


def test_cross_entropy_of_hidden_classes_is_finite_and_of_a_hidden_target_infinite():
    """A logit of -inf takes a class out."""
    losses = functions.cross_entropy([[-np.inf, 0, 0], [0, -np.inf, 1e4]], [1, 1], reduction="none")
    agree(losses, np.array([np.log(2), np.inf]))


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_batch_gives_an_empty_result(name):
    """Of the shape that a batch of no entries has."""
    inputs, options = example(name)
    weights = inputs[1:] if name in ("layer_norm", "linear") else ()
    batched = inputs[: len(inputs) - len(weights)]
    want = getattr(functions, name)(*inputs, **options)[:0]
    agree(getattr(functions, name)(*(array[:0] for array in batched), *weights, **options), want)


# Errors name the argument. --------------------------------------------------------------------------------------------


def zeros(*shape):
    """An array of zeros."""
    return np.zeros(shape)


WORDS, COMPLEX = np.array(["a", "b", "c"]), zeros(3) * 1j
ROW_ERRORS = [
    ((WORDS,), {}, TypeError, "x"),
    ((COMPLEX,), {}, TypeError, "x"),
    ((None,), {}, TypeError, "x"),
    (([[1.0], [1.0, 2.0]],), {}, ValueError, "x"),
    ((zeros(2, 3),), {"axis": 2}, ValueError, "axis"),
    ((zeros(2, 3),), {"axis": -3}, ValueError, "axis"),
    ((zeros(2, 3),), {"axis": None}, TypeError, "axis"),
    ((zeros(2, 3),), {"axis": (0, 1)}, TypeError, "axis"),
    ((zeros(),), {}, ValueError, "axis|x"),
]
QKV = (zeros(2, 3), zeros(4, 3), zeros(4, 5))
HEADS = (zeros(4, 2, 3), zeros(3, 4, 3), zeros(3, 4, 5))
ERRORS = {
    "softmax": ROW_ERRORS,
    "log_softmax": ROW_ERRORS,
    "logsumexp": ROW_ERRORS,
    "layer_norm": [
        *ROW_ERRORS[:-3],
        ((zeros(2, 3), zeros(2)), {}, ValueError, "weight"),
        ((zeros(2, 3), zeros(2, 3)), {}, ValueError, "weight"),
        ((zeros(2, 3), None, zeros(4)), {}, ValueError, "bias"),
        ((zeros(2, 3), zeros(3)), {"axis": 0}, ValueError, "weight"),
        ((zeros(3), WORDS), {}, TypeError, "weight"),
        ((zeros(3), zeros(3), COMPLEX), {}, TypeError, "bias"),
        ((zeros(3),), {"eps": "small"}, TypeError, "eps"),
        ((zeros(3),), {"eps": zeros(3)}, TypeError, "eps"),
    ],
    "linear": [
        ((zeros(), zeros(3, 2)), {}, ValueError, "x"),
        ((zeros(2), zeros(3, 2)), {}, ValueError, "weight"),
        ((zeros(3), zeros(1, 3, 2)), {}, ValueError, "weight"),
        ((zeros(3), zeros(3)), {}, ValueError, "weight"),
        ((zeros(3), zeros(3, 2), zeros(3)), {}, ValueError, "bias"),
        ((zeros(3), zeros(3, 2), zeros(1)), {}, ValueError, "bias"),
        ((WORDS, zeros(3, 2)), {}, TypeError, "x"),
        ((zeros(3), WORDS), {}, TypeError, "weight"),
        ((zeros(3), None), {}, TypeError, "weight"),
        ((zeros(3), zeros(3, 3), WORDS), {}, TypeError, "bias"),
    ],
    "attention": [
        ((zeros(3), *QKV[1:]), {}, ValueError, "q"),
        ((QKV[0], zeros(4, 2), QKV[2]), {}, ValueError, "k"),
        ((*QKV[:2], zeros(3, 5)), {}, ValueError, "v"),
        ((*QKV[:2], zeros(4)), {}, ValueError, "v"),
        (HEADS, {}, ValueError, "k"),
        ((*QKV, zeros(4, 2) > 0), {}, ValueError, "mask"),
        ((*QKV, zeros(4, 2)), {}, ValueError, "mask"),
        ((*QKV, zeros(2, 4).astype(int)), {}, TypeError, "mask"),
        ((*QKV, WORDS), {}, TypeError, "mask"),
        ((zeros(2, 4, 2, 3), zeros(2, 2, 4, 3), zeros(2, 2, 4, 5), zeros(3, 1, 2, 4)), {}, ValueError, "mask"),
        ((zeros(2, 1, 2, 3), zeros(3, 1, 4, 3), zeros(3, 1, 4, 5)), {}, ValueError, "k"),
        ((WORDS, *QKV[1:]), {}, TypeError, "q"),
        ((None, *QKV[1:]), {}, TypeError, "q"),
        ((QKV[0], None, QKV[2]), {}, TypeError, "k"),
        ((*QKV[:2], COMPLEX), {}, TypeError, "v"),
        (QKV, {"scale": "big"}, TypeError, "scale"),
        (QKV, {"scale": zeros(2)}, TypeError, "scale"),
        (QKV, {"softcap": "big"}, TypeError, "softcap"),
        (QKV, {"offset": "one", "is_causal": True}, TypeError, "offset"),
        (QKV, {"offset": None, "is_causal": True}, TypeError, "offset"),
        (QKV, {"window": "two"}, TypeError, "window"),
        (QKV, {"window": 1.5}, (TypeError, ValueError), "window"),
    ],
    "cross_entropy": [
        ((zeros(2, 3), [0, 3]), {}, ValueError, "targets"),
        ((zeros(2, 3), [0, -1]), {}, ValueError, "targets"),
        ((zeros(2, 3), [0, 1, 2]), {}, ValueError, "targets"),
        ((zeros(2, 3), zeros(2, 2)), {}, ValueError, "targets"),
        ((zeros(2, 3), zeros(2)), {}, (TypeError, ValueError), "targets"),
        ((zeros(3, 3), WORDS), {}, TypeError, "targets"),
        ((zeros(2, 3), None), {}, TypeError, "targets"),
        ((WORDS, 0), {}, TypeError, "logits"),
        ((None, 0), {}, TypeError, "logits"),
        ((zeros(), 0), {}, ValueError, "logits"),
        ((zeros(2, 3), [0, 1]), {"reduction": "max"}, ValueError, "reduction"),
    ],
}
BAD = [
    pytest.param(name, *case, id=f"{name}-{case[-1]}-{number}")
    for name, cases in ERRORS.items()
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize(("name", "inputs", "options", "error", "argument"), BAD)
def test_an_error_names_the_argument(name, inputs, options, error, argument):
    """The function, the argument, what was expected and what came, in one line."""
    with pytest.raises(error) as found:
        getattr(functions, name)(*inputs, **options)
    assert re.fullmatch(rf"{name}: .*expected .+ got .+", str(found.value))
    assert re.search(rf"\b({argument})\b", str(found.value))


# What only sf.lambdify and .explicit can get wrong. -------------------------------------------------------------------


def test_lambdified_layer_norm_takes_its_epsilon():
    """Without a number for ε it is an input, after the arrays; a Python number widens nothing."""
    function = sf.lambdify(sf.layer_norm(sf.tensor("x", N)))
    x = RNG.normal(size=(2, 5)).astype(np.float32)
    agree(function(x, 0.5), reference.layer_norm(x, eps=0.5))


def test_lambdified_weights_may_have_batch_axes():
    """In a program of one's own they are inputs as any other."""
    function = sf.lambdify(sf.linear(sf.tensor("x", N), sf.tensor("W", N, M), sf.tensor("c", M)))
    weights, biases = RNG.normal(size=(2, 1, 4, 5)), RNG.normal(size=(3, 5))
    alone = [[reference.linear(ROWS[i, j], weights[i, 0], biases[j]) for j in range(3)] for i in range(2)]
    agree(function(ROWS, weights, biases), np.array(alone))


def test_lambdified_attention_takes_a_symbolic_scale():
    """One number, or one for each entry of the batch."""
    sources = sf.tensor("Q", N, D), sf.tensor("K", M, D), sf.tensor("V", M, E)
    function = sf.lambdify(sf.attention(*sources, scale=sf.scalar("c")))
    alone = [reference.attention(q, q, q, scale=c) for q, c in zip(ROWS, (0.3, -2.0), strict=True)]
    agree(function(ROWS[0], ROWS[0], ROWS[0], 0.3), alone[0])
    agree(function(ROWS, ROWS, ROWS, np.array([0.3, -2.0])), np.stack(alone))


def test_lambdified_attention_takes_an_offset_of_sizes():
    """m - n: aligned at the last key, whatever the sizes."""
    sources = sf.tensor("Q", N, D), sf.tensor("K", M, D), sf.tensor("V", M, E)
    function = sf.lambdify(sf.attention(*sources, is_causal=True, offset=M - N))
    q, k = ROWS[:, :2], ROWS
    agree(function(q, k, k), reference.attention(q, k, k, is_causal=True, offset=1))


@pytest.mark.parametrize("name", ["n", "m", "d", "Q", "S", "Z", "np", "math", "dtype", "lambda", "float", "shapes"])
def test_lambdify_takes_any_name_of_an_input(name):
    """Names of sizes, of intermediate results and of Python's own included."""
    function = sf.lambdify(sf.attention(sf.tensor(name, N, D), sf.tensor("K", M, D), sf.tensor("V", M, E)))
    agree(function(ROWS, ROWS, ROWS), reference.attention(ROWS, ROWS, ROWS))


def test_lambdified_cross_entropy_broadcasts_its_classes():
    """Classes without the batch axes of the logits, and the other way round."""
    function = sf.lambdify(sf.cross_entropy(sf.tensor("x", N, D), sf.tensor("t", N, kind="integer", upper=D)))
    ids = np.array([[0, 1, 2], [3, 3, 0]])
    agree(function(ROWS, ids[0]), reference.cross_entropy(ROWS, np.stack([ids[0]] * 2), reduction="none"))
    agree(function(ROWS[0], ids), reference.cross_entropy(np.stack([ROWS[0]] * 2), ids, reduction="none"))


@pytest.mark.parametrize("ids", [[0, 4, 1], [0, -1, 1]])
def test_lambdified_cross_entropy_names_classes_that_do_not_exist(ids):
    """A class outside 0..C-1 is no class, and none is counted from the end."""
    function = sf.lambdify(sf.cross_entropy(sf.tensor("x", N, D), sf.tensor("t", N, kind="integer", upper=D)))
    with pytest.raises(ValueError, match=r"\bt\b.*expected"):
        function(ROWS[0], ids)


LAMBDIFIED_ERRORS = [
    ((zeros(2, 3), zeros(4, 2), zeros(4, 5), zeros(2, 4)), ValueError, "K"),
    ((zeros(2, 3), zeros(4, 3), zeros(3, 5), zeros(2, 4)), ValueError, "V"),
    ((zeros(2, 3), zeros(4, 3), zeros(4, 5), zeros(4, 2)), ValueError, "M"),
    ((zeros(3), zeros(4, 3), zeros(4, 5), zeros(2, 4)), ValueError, "Q"),
    ((WORDS, zeros(4, 3), zeros(4, 5), zeros(2, 4)), TypeError, "Q"),
    ((zeros(2, 3), zeros(4, 3), zeros(4, 5), None), TypeError, "M"),
    ((zeros(5, 2, 3), zeros(6, 4, 3), zeros(4, 5), zeros(2, 4)), ValueError, "K"),
]


@pytest.mark.parametrize(("inputs", "error", "argument"), LAMBDIFIED_ERRORS)
def test_an_error_of_a_lambdified_function_names_the_argument(inputs, error, argument):
    """As those of the generated functions do."""
    sources = sf.tensor("Q", N, D), sf.tensor("K", M, D), sf.tensor("V", M, E), sf.tensor("M", N, M)
    with pytest.raises(error, match=rf"\b{argument}\b"):
        sf.lambdify(sf.attention(*sources))(*inputs)


@pytest.mark.parametrize("number", [0, 4])
def test_the_explicit_form_of_a_class_that_does_not_exist_is_an_error(number):
    """Classes count from 1 there, as all indices of the mathematics do."""
    loss = sf.cross_entropy(sf.tensor("x", D), sf.tensor("t", kind="integer", upper=D))
    with pytest.raises(ValueError, match=r"\b[tx]\b"):
        loss.explicit(d=3, t=number)


def test_the_explicit_form_of_values_of_a_wrong_shape_is_an_error():
    """Too few numbers in a mask."""
    sources = sf.tensor("Q", N, D), sf.tensor("K", M, D), sf.tensor("V", M, E), sf.tensor("M", N, M, kind="mask")
    with pytest.raises(ValueError, match=r"\bM\b"):
        sf.attention(*sources).explicit(n=1, m=2, d=1, e=1, M=[[1]])
