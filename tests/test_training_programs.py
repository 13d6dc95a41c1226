"""Training as a program: the losses of a generated loop are those of plain NumPy, with gradients by differences."""

import numpy as np
import pytest

import symformer as sf

PAGE = sf.load("training-a-transformer")
N, T, R, K, D = 3, 3, 2, 2, 2


def softmax(x):
    """Of the last axis."""
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def loss(values, text):
    """The loss of one text, in matrices."""
    x, y, A, M, z = text
    X = values["E"][x]
    P = softmax(np.where(A, X @ values["W_QK"] @ X.T, -np.inf))
    H = X + P @ X @ values["W_VO"]
    if z is not None:
        source = values["E"][z]
        H = H + softmax(H @ values["W_QK_X"] @ source.T) @ source @ values["W_VO_X"]
    return -(M * np.log(softmax(H @ values["U"].T))[np.arange(T), y]).sum()


def stepped(values, text, eta, step=1e-5):
    """Every parameter, less η times its gradient by central differences."""
    new = {}
    for name, value in values.items():
        slope = np.zeros_like(value)
        for place in np.ndindex(value.shape):
            ends = []
            for sign in (1, -1):
                moved = value.copy()
                moved[place] += sign * step
                ends.append(loss({**values, name: moved}, text))
            slope[place] = (ends[0] - ends[1]) / (2 * step)
        new[name] = value - eta * slope
    return new


@pytest.mark.parametrize("name", ["losses", "losses_X"])
def test_the_losses_of_a_training_loop_are_numpys(name):
    rng = np.random.default_rng(11)
    target = next(one for one in PAGE.where if one.name == name)
    program = sf.program(target)
    shapes = {"E_start": (N, D), "U_start": (N, D)}
    started = [one.name for one in program.inputs if one.name.endswith("_start")]
    draw = {one: rng.normal(size=shapes.get(one, (D, D))) for one in started}
    texts = {"X": rng.integers(0, N, (K, T)), "Y": rng.integers(0, N, (K, T)), "Z_all": rng.integers(0, N, (K, R))}
    causal = np.broadcast_to(np.tri(T, dtype=bool), (K, T, T))
    counts = np.array([[True, True, True], [False, True, True]])
    given = {**draw, **texts, "A_all": causal, "M_all": counts, "eta": 0.1}
    got = sf.lambdify(program)(*(given[one.name] for one in program.inputs))
    values, want = {key.removesuffix("_start"): value for key, value in draw.items()}, []
    for k in range(K):
        text = texts["X"][k], texts["Y"][k], causal[k], counts[k], texts["Z_all"][k] if name == "losses_X" else None
        want.append(loss(values, text))
        values = stepped(values, text, 0.1)
    np.testing.assert_allclose(got, want, rtol=1e-7)


def test_algorithm_15_writes_what_plain_numpy_writes_and_stays_at_the_end():
    page, rng, steps = sf.load("prompting-as-a-program"), np.random.default_rng(3), 6
    program = sf.program(next(one for one in page.where if one.name == "y_E"))
    run, ended = sf.lambdify(program), 0
    for _ in range(20):
        given = {
            "E": rng.normal(size=(N, D)), "V": rng.normal(size=(N, D)), "source": rng.integers(0, N, R), "tau": 0.7,
            "U": rng.gumbel(size=(steps, N)), "x_start": np.eye(N)[rng.integers(1, N)],
        }  # fmt: skip
        token, want, source = int(given["x_start"].argmax()), [], given["E"][given["source"]]
        for noise in given["U"]:
            h = given["E"][token]
            g = h + softmax(source @ h) @ source
            token = int((given["V"] @ g / 0.7 + noise).argmax()) if token else 0
            want.append(token + 1)
        np.testing.assert_array_equal(run(*(given[one.name] for one in program.inputs)), want)
        ended += 1 in want
    assert 0 < ended < 20
