"""Special values: 0, −0, ±∞, NaN, the largest and the least numbers, against what mathematics says of the limits."""

import math

import mpmath
import numpy as np
import pytest

import symformer as sf
import symformer.functions as functions
from symformer.notation import exp, hide, indicator, indices, log, sigmoid, tanh
from symformer.notation import sum as total
from symformer.programs import define

INF, NAN = math.inf, math.nan
LOGISTIC = lambda x: 1 / (1 + mpmath.exp(-x))  # noqa: E731
ROOT = mpmath.sqrt(2 / mpmath.pi)

# name, options, the function, its derivative, and both at −∞ and ∞
ACTIVATIONS = [
    ("relu", {}, lambda x: max(x, mpmath.mpf(0)), lambda x: mpmath.mpf(x > 0), (0, INF), (0, 1)),
    ("sigmoid", {}, LOGISTIC, lambda x: LOGISTIC(x) * LOGISTIC(-x), (0, 1), (0, 0)),
    ("tanh", {}, mpmath.tanh, lambda x: mpmath.sech(x) ** 2, (-1, 1), (0, 0)),
    ("softplus", {}, lambda x: mpmath.log1p(mpmath.exp(x)), LOGISTIC, (0, INF), (0, 1)),
    ("silu", {}, lambda x: x * LOGISTIC(x), lambda x: LOGISTIC(x) * (1 + x * LOGISTIC(-x)), (0, INF), (0, 1)),
    (
        "gelu",
        {},
        lambda x: x * mpmath.ncdf(x),
        lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x),
        (0, INF),
        (0, 1),
    ),
    (
        "gelu",
        {"approximate": "tanh"},
        lambda x: x * LOGISTIC(2 * ROOT * (x + mpmath.mpf(0.044715) * x**3)),
        lambda x: _gelu_tanh_slope(x),
        (0, INF),
        (0, 1),
    ),
]
SIZES = (0.0, 1e-30, 1e-3, 0.5, 1.0, 3.0, 10.0, 17.0, 30.0, 80.0, 1e4, 1e18)


def _gelu_tanh_slope(x):
    gate = 2 * ROOT * (x + mpmath.mpf(0.044715) * x**3)
    return LOGISTIC(gate) * (1 + x * LOGISTIC(-gate) * 2 * ROOT * (1 + 3 * mpmath.mpf(0.044715) * x**2))


def _points(dtype):
    kind = np.finfo(dtype)
    sizes = np.array([*SIZES, float(kind.max), float(kind.tiny)], dtype)
    return np.concatenate([sizes, -sizes])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("case", ACTIVATIONS, ids=[f"{case[0]}{case[1] or ''}" for case in ACTIVATIONS])
def test_activations_end_at_their_limits(case, dtype):
    name, options, value, slope, ends, slopes = case
    forward, backward = getattr(functions, name), getattr(functions, f"{name}_vjp")
    x = np.array([-INF, INF], dtype)
    np.testing.assert_array_equal(forward(x, **options), ends)
    np.testing.assert_array_equal(backward(np.ones_like(x), x, **options)[0], slopes)
    unknown = np.array([NAN], dtype)
    assert np.isnan(forward(unknown, **options)).all()
    (gradient,) = backward(np.ones_like(unknown), unknown, **options)
    assert np.isnan(gradient).all() and gradient.dtype == dtype
    points = _points(dtype)
    found = backward(np.ones_like(points), points, **options)[0]
    values = forward(points, **options)
    assert np.isfinite(found).all() and np.isfinite(values).all()
    with mpmath.workdps(60):
        exact = [slope(mpmath.mpf(float(x))) if abs(x) < 1e4 else slopes[int(x > 0)] for x in points]
        wanted = [value(mpmath.mpf(float(x))) if abs(x) < 1e4 else max(x, 0) if ends[1] == INF else ends[int(x > 0)]
                  for x in points]  # fmt: skip
    np.testing.assert_allclose(found, np.array(exact, float), rtol=1e-5, atol=4 * float(np.finfo(dtype).eps))
    np.testing.assert_allclose(values, np.array(wanted, float), rtol=1e-5, atol=4 * float(np.finfo(dtype).tiny))


@pytest.mark.parametrize("size", [5.0, 10.0, 20.0, 30.0, 80.0])
def test_slopes_near_saturation_keep_their_digits(size):
    x = np.array([size, -size], np.float32)
    exact = 1 / (math.exp(size) + 2 + math.exp(-size))
    np.testing.assert_allclose(functions.sigmoid_vjp(np.ones_like(x), x)[0], exact, rtol=1e-6)
    exact = 4 / (math.exp(size) + math.exp(-size)) ** 2 if size < 40 else None
    if exact is not None:
        np.testing.assert_allclose(functions.tanh_vjp(np.ones_like(x), x)[0], exact, rtol=2e-6, atol=1e-38)


@pytest.mark.parametrize("name", ["softmax_vjp", "log_softmax_vjp"])
@pytest.mark.parametrize("gap", [3.0, 12.0, 25.0, 60.0])
def test_gradients_of_softmax_near_saturation_keep_their_digits(name, gap):
    x = np.array([[0, gap, 1.5, -2], [gap, 0, 0, 0]])
    cotangent = np.array([[0, 1, 0, 0], [3, 1, 2, 5]])
    with mpmath.workdps(80):
        exact = [_softmax_gradient(name, row, slopes) for row, slopes in zip(x, cotangent, strict=True)]
    for dtype, rtol in ((np.float32, 3e-6), (np.float64, 3e-15)):
        found = getattr(functions, name)(cotangent.astype(dtype), x.astype(dtype))[0]
        np.testing.assert_allclose(found, exact, rtol=rtol)


def _softmax_gradient(name, row, slopes):
    weights = [mpmath.exp(mpmath.mpf(float(value))) for value in row]
    shares = [weight / sum(weights) for weight in weights]
    slopes = [mpmath.mpf(int(slope)) for slope in slopes]
    mean = sum(share * slope for share, slope in zip(shares, slopes, strict=True))
    if name == "softmax_vjp":
        return [float(share * (slope - mean)) for share, slope in zip(shares, slopes, strict=True)]
    return [float(slope - share * sum(slopes)) for share, slope in zip(shares, slopes, strict=True)]


@pytest.mark.parametrize("gap", [3.0, 12.0, 25.0, 60.0])
@pytest.mark.parametrize("probabilities", [False, True])
def test_gradients_of_cross_entropy_near_saturation_keep_their_digits(gap, probabilities):
    x = np.array([[0, gap, 1.5, -2], [gap, 0, 0, 0]])
    targets = np.array([1, 0])
    with mpmath.workdps(80):
        exact = []
        for row, target in zip(x, targets, strict=True):
            weights = [mpmath.exp(mpmath.mpf(float(value))) for value in row]
            shares = [weight / sum(weights) for weight in weights]
            exact.append([float((share - (place == target)) / 2) for place, share in enumerate(shares)])
    for dtype, rtol in ((np.float32, 3e-6), (np.float64, 3e-15)):
        given = np.eye(4, dtype=dtype)[targets] if probabilities else targets
        found = functions.cross_entropy_vjp(dtype(1), x.astype(dtype), given)[0]
        np.testing.assert_allclose(found, exact, rtol=rtol)


def test_zero_times_the_logarithm_of_zero_is_zero():
    logits = np.array([[0, -INF, 1.0]])
    loss = float(functions.cross_entropy(logits, np.array([[0.5, 0, 0.5]])))
    assert loss == pytest.approx(math.log(1 + math.e) - 0.5)
    smoothed = functions.cross_entropy(logits, np.array([0]), weight=np.array([1.0, 0, 1]), label_smoothing=0.1)
    assert np.isfinite(smoothed)
    n = sf.sizes("n")
    i = indices("i")
    p, q = sf.tensor("p", n), sf.tensor("q", n)
    entropy = sf.lambdify(define("H", (), -total(p[i] * log(q[i]), i)))
    assert entropy(np.array([0, 0.5, 0.5]), np.array([0, 0.5, 0.5])) == pytest.approx(math.log(2))
    assert np.isinf(entropy(np.array([0.5, 0.5]), np.array([0, 1.0])))


def test_logsumexp_and_softmax_of_infinity():
    for dtype in (np.float32, np.float64):
        x = np.array([INF, 1, -INF], dtype)
        assert functions.logsumexp(x) == INF
        np.testing.assert_array_equal(functions.softmax(x), [1, 0, 0])
        np.testing.assert_array_equal(functions.log_softmax(x), [0, -INF, -INF])
        np.testing.assert_array_equal(functions.logsumexp_vjp(dtype(1), x)[0], [1, 0, 0])
        assert functions.logsumexp(np.array([-INF, -INF], dtype)) == -INF
        assert np.isnan(functions.logsumexp(np.array([NAN, INF], dtype)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_whose_squares_overflow_are_normalised(dtype):
    large = dtype(np.finfo(dtype).max) ** dtype(0.75)
    unit = np.array([[1, -1, 2, 0], [1, 2, 3, 5]], dtype)
    rows = unit * np.array([[large], [1]], dtype)
    for name in ("layer_norm", "rms_norm"):
        forward, backward = getattr(functions, name), getattr(functions, f"{name}_vjp")
        np.testing.assert_allclose(forward(rows)[0], forward(unit, eps=0)[0], rtol=1e-5)
        np.testing.assert_allclose(forward(rows)[1], forward(unit)[1], rtol=1e-5)
        cotangent = np.array([[1, 2, 3, 4], [1, 2, 3, 5]], dtype)
        found, exact = backward(cotangent, rows)[0], backward(cotangent, unit, eps=0)[0]
        np.testing.assert_allclose(found[0] * large, exact[0], rtol=1e-4)
        np.testing.assert_allclose(forward(unit / large, eps=0), forward(unit, eps=0), rtol=1e-5)


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("options", [{}, {"softcap": 3.0}, {"is_causal": True}, {"window": 3, "is_causal": True}])
def test_what_is_hidden_reaches_neither_results_nor_gradients(bad, options):
    random = np.random.default_rng(0)
    q, k, v, cotangent = random.standard_normal((4, 2, 6, 4))
    mask = np.ones((6, 6), bool)
    mask[:, 3] = False
    spoilt_k, spoilt_v = k.copy(), v.copy()
    spoilt_k[:, 3], spoilt_v[:, 3] = bad, bad
    clean = functions.attention(q, k, v, mask, **options)
    np.testing.assert_allclose(functions.attention(q, spoilt_k, spoilt_v, mask, **options), clean, rtol=1e-12)
    wanted = functions.attention_vjp(cotangent, q, k, v, mask, **options)
    found = functions.attention_vjp(cotangent, q, spoilt_k, spoilt_v, mask, **options)
    for one, other in zip(found[:3], wanted[:3], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("bad", [NAN, INF])
def test_what_is_seen_reaches_the_result(bad):
    random = np.random.default_rng(1)
    q, k, v = random.standard_normal((3, 6, 4))
    spoilt = v.copy()
    spoilt[4, 1] = bad
    clean, found = (functions.attention(q, k, value, is_causal=True) for value in (v, spoilt))
    np.testing.assert_allclose(found[:4], clean[:4], rtol=1e-12)
    assert not np.isfinite(found[4:, 1]).any()


def test_hidden_memory_reaches_no_gradient_of_multi_head_attention():
    random = np.random.default_rng(2)
    weights = random.standard_normal((4, 4, 4))
    x, memory, cotangent = (
        random.standard_normal((5, 4)),
        random.standard_normal((7, 4)),
        random.standard_normal((5, 4)),
    )
    mask = np.ones((5, 7), bool)
    mask[:, 2] = False
    spoilt = memory.copy()
    spoilt[2] = NAN
    given = {"mask": mask, "heads": 2}
    one, other = (functions.multi_head_attention(x, m, *weights, **given) for m in (memory, spoilt))
    np.testing.assert_allclose(other, one, rtol=1e-12)
    pairs = zip(*(functions.multi_head_attention_vjp(cotangent, x, m, *weights, **given) for m in (memory, spoilt)),
                strict=True)  # fmt: skip
    for one, other in pairs:
        if one is not None:
            np.testing.assert_allclose(other, one, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("eps", [-1.0, -1e-9, NAN])
def test_a_negative_epsilon_is_refused_by_name(eps):
    x = np.ones((2, 3))
    for call in (
        lambda: functions.layer_norm(x, eps=eps),
        lambda: functions.rms_norm_vjp(x, x, eps=eps),
        lambda: functions.adam_step(x, x, x, x, 1, lr=0.1, eps=eps),
    ):
        with pytest.raises(ValueError, match="eps: expected at least 0"):
            call()
    n, d = sf.sizes("n d")
    with pytest.raises(ValueError, match="epsilon: expected at least 0"):
        sf.lambdify(sf.layer_norm(sf.tensor("X", n, d)))(x, eps)


@pytest.mark.parametrize("base", [0.0, -3.0, NAN])
def test_a_base_that_is_not_positive_is_refused_by_name(base):
    with pytest.raises(ValueError, match="base: expected more than 0"):
        functions.rotary_embedding(np.ones((2, 4)), np.arange(2.0), base=base)


def test_formulas_of_ones_own_end_well_too():
    n = sf.sizes("n")
    i = indices("i")
    x = sf.tensor("x", n)
    gated = define("y", (i,), x[i] * sigmoid(2 * x[i] ** 3))
    bell = define("y", (i,), x[i] ** 2 * exp(-x[i]))
    given = np.array([-INF, -1e30, 1e30], np.float32)
    np.testing.assert_array_equal(sf.lambdify(gated)(given), [0, 0, np.float32(1e30)])
    slopes = sf.lambdify(sf.gradient(gated, wrt=("x",)))(np.ones(3, np.float32), given)
    np.testing.assert_array_equal(slopes, [0, 0, 1])
    assert sf.lambdify(bell)(np.array([INF, 1e200])).tolist() == [0, 0]
    saturated = sf.lambdify(sf.gradient(define("y", (i,), tanh(x[i])), wrt=("x",)))
    np.testing.assert_allclose(saturated(np.ones(1), np.array([20.0])), 4 * math.exp(-40), rtol=1e-12)


@pytest.mark.parametrize("rows", ["", None], ids=["tiles", "everything at once"])
def test_what_is_hidden_in_ones_own_attention_reaches_nothing(rows):
    n, m, d = sf.sizes("n m d")
    i, j, c = indices("i j c")
    q, k, v = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, d)
    scores = define("S", (i, j), hide(total(q[i, c] * k[j, c], c), indicator(j, "<=", i)))
    output = define("O", (i, c), total(sf.softmax(scores)[i, j] * v[j, c], j))
    random = np.random.default_rng(3)
    given, keys, values = random.standard_normal((5, 3)), random.standard_normal((7, 3)), random.standard_normal((7, 3))
    spoilt = keys.copy(), values.copy()
    spoilt[0][6], spoilt[1][5] = NAN, INF
    forward = sf.lambdify(output, rows=rows)
    np.testing.assert_allclose(forward(given, *spoilt), forward(given, keys, values), rtol=1e-12)
    backward = sf.lambdify(sf.gradient(output, wrt=("Q", "K", "V")), rows=rows)
    cotangent = random.standard_normal((5, 3))
    pairs = zip(backward(cotangent, given, *spoilt), backward(cotangent, given, keys, values), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("name", ["beta1", "beta2"])
def test_a_moving_average_that_never_moves_is_refused(name):
    one = np.ones(2)
    with pytest.raises(ValueError, match=f"adam_step: {name}: expected less than 1, got 1.0"):
        functions.adam_step(one, one, one, one, 1, lr=0.1, **{name: 1.0})


def test_a_step_of_any_number_of_digits_is_one_whose_corrections_are_1():
    one = np.ones(2)
    late, later = (functions.adam_step(one, one, one, one, step, lr=0.1) for step in (10**9, 10**400))
    np.testing.assert_array_equal(late, later)


@pytest.mark.parametrize("activation", ["relu", "gelu", "gelu_tanh", "silu", "tanh", "sigmoid"])
def test_a_nan_inside_a_feed_forward_layer_is_in_its_gradients(activation):
    x, w1, w2 = np.ones((3, 2)), np.ones((2, 4)), np.ones((4, 2))
    w1[:, 1] = NAN
    dx, dw1, db1, dw2, _ = functions.feed_forward_vjp(np.ones((3, 2)), x, w1, np.zeros(4), w2, None, activation)
    assert np.isnan(dx).all()
    for gradient in (dw1.T, db1, dw2):
        assert np.isnan(gradient[1]).all() and not np.isnan(np.delete(gradient, 1, axis=0)).any()


KINKS = {
    "relu": (lambda x, y: sf.relu(x), "x"), "maximum": (sf.maximum, "xy"), "minimum": (sf.minimum, "xy"),
    "clip": (lambda x, y: sf.clip(x, -1, y), "xy"), "abs": (lambda x, y: sf.abs(x), "x"),
    "chosen": (lambda x, y: sf.where(x > y, 2 * x, 3 * x), "xy"),
    "step": (lambda x, y: x * sf.indicator(x, ">", y), "xy"),
}  # fmt: skip


@pytest.mark.parametrize("summed", [False, True], ids=["entries", "sum"])
@pytest.mark.parametrize("name", KINKS)
def test_a_nan_that_decides_between_two_slopes_is_in_the_gradient(name, summed):
    formula, read = KINKS[name]
    n, i = sf.sizes("n"), sf.indices("i")
    x, y = sf.tensor("x", n), sf.tensor("y", n)
    body = formula(x[i], y[i])
    whole = sf.define("L", (), sf.sum(body, i)) if summed else sf.define("z", i, body)
    backward = sf.gradient(whole, wrt=["x"]).lambdify()
    for unknown in read:
        values = {"dz": np.ones(3), "x": np.array([0.5, -3.0, 4.0]), "y": np.array([1.0, 2.0, 3.0])}
        values[unknown][1] = NAN
        found = backward(*(values[tensor.name] for tensor in sf.gradient(whole, wrt=["x"]).inputs))
        assert np.isnan(found).tolist() == [False, True, False]
