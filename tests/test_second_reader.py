"""A second reader's check of the pages: a number of each, computed again in NumPy from what the page's source says.

Nothing here reads the definitions of a page: only its inputs, and the value that it shows under a name.
"""

import numpy as np
import pytest

import symformer as sf


def softmax(x, temperature=1.0):
    """Of the last axis."""
    powers = np.exp((x - x.max(-1, keepdims=True)) / temperature)
    return powers / powers.sum(-1, keepdims=True)


def unit(x):
    """Rows of length 1."""
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def slope(function, x, step=1e-6):
    """The gradient of a number by central differences."""
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        more, less = x.copy(), x.copy()
        more[place] += step
        less[place] -= step
        found[place] = (function(more) - function(less)) / (2 * step)
    return found


def attended(S, V):
    return softmax(S) @ V


CHECKS = {
    "label-smoothing": ("L", lambda v: -((0.9 * v["y"] + 0.1 / 3) * np.log(softmax(v["x"]))).sum()),
    "kl-divergence": ("D", lambda v: (softmax(v["a"]) * np.log(softmax(v["a"]) / softmax(v["b"]))).sum()),
    "entropy-and-temperature": (
        "H",
        lambda v: -(softmax(v["beta"] * v["x"]) * np.log(softmax(v["beta"] * v["x"]))).sum(),
    ),
    "gibbs-variational-principle": ("D", lambda v: (v["q"] * np.log(v["q"] / softmax(v["x"]))).sum()),
    "gumbel-max": ("P", lambda v: np.prod(np.exp(-np.exp(-(v["t"] - v["x"]))))),
    "qk-norm": ("s", lambda v: v["g"] * unit(v["q"]) @ unit(v["k"])),
    "kernel-smoothing": (
        "o",
        lambda v: softmax(-v["beta"] / 2 * ((unit(v["z"]) - unit(v["y"])) ** 2).sum(-1)) @ v["v"],
    ),
    "hopfield-energy": ("r", lambda v: softmax(v["beta"] * v["X"] @ v["q"]) @ v["X"]),
    "linear-attention": (
        "O",
        lambda v: (lambda w: w @ v["v"] / w.sum(1, keepdims=True))(np.tril(v["q"] @ v["k"].T)),
    ),
    "gradient-descent-step": (
        "D",
        lambda v: -v["eta"] * slope(lambda W: ((v["x"] @ W.T - v["y"]) ** 2).sum() / 2, np.zeros((1, 2))),
    ),
    "embedding-backward": (
        "L",
        lambda v: -np.log(softmax(v["H"] @ v["E"].T))[np.arange(2), v["y"].astype(int) - 1].sum(),
    ),
    "gelu-slope": ("T", lambda v: v["x"] / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (v["x"] + 0.044715 * v["x"] ** 3)))),
    "swiglu-backward": (
        "dA",
        lambda v: slope(lambda A: (v["dH"] * (A / (1 + np.exp(-A)) * (v["X"] @ v["V"]))).sum(), v["X"] @ v["W"]),
    ),
    "query-jacobian": (
        "J",
        lambda v: np.stack(
            [slope(lambda q, f=f: attended(v["K"] @ q / np.sqrt(2), v["V"])[f], v["q"]) for f in range(2)]
        ),
    ),
    "attention-backward": (
        "dS",
        lambda v: slope(lambda S: (v["dO"] * attended(S, v["V"])).sum(), v["Q"] @ v["K"].T / np.sqrt(2)),
    ),
    "attention-sink": (
        "O",
        lambda v: attended(np.c_[v["S"], np.full(2, v["b"])], np.r_[v["V"], np.zeros((1, v["V"].shape[1]))]),
    ),
    "learned-attention-bias": (
        "dS",
        lambda v: slope(
            lambda S: (v["dO"] * attended(S, v["V"])).sum(),
            v["T"] + v["B"] + v["a"][:, None] + v["b"] + v["table"][v["r"].astype(int) - 1],
        ),
    ),
    "gated-attention": ("Y", lambda v: v["O"] / (1 + np.exp(-v["X"] @ v["W"]))),
    "differential-attention": ("O", lambda v: (softmax(v["S"]) - v["lambda"] * softmax(v["T"])) @ v["V"]),
    "layer-norm-backward": (
        "dx",
        lambda v: slope(
            lambda x: (v["dy"] * (v["gamma"] * (x - x.mean()) / np.sqrt(x.var() + v["epsilon"]) + v["beta"])).sum(),
            v["x"],
        ),
    ),
    "rms-norm-jacobian": (
        "J",
        lambda v: np.stack(
            [slope(lambda x, i=i: (x / np.sqrt((x**2).mean() + v["epsilon"]))[i], v["x"]) for i in range(3)]
        ),
    ),
    "distillation": ("p", lambda v: softmax(v["v"], v["T"])),
    "info-nce": ("L", lambda v: -np.log(softmax(v["s"], v["T"]))[int(v["y"]) - 1]),
    "router-losses": ("A", lambda v: np.log(np.exp(v["x"]).sum())),
    "speculative-sampling": ("alpha", lambda v: 1 - np.abs(v["p"] - v["q"]).sum() / 2),
    "kl-regularized-optimum": (
        "p",
        lambda v: v["w"] * np.exp(v["r"] / v["beta"]) / (v["w"] @ np.exp(v["r"] / v["beta"])),
    ),
    "direct-preference-optimization": (
        "L",
        lambda v: np.log1p(np.exp(-v["beta"] * ((v["w"] - v["u"]) - (v["l"] - v["v"])))),
    ),
    "ppo-clip": (
        "J",
        lambda v: min(
            np.exp(v["p"] - v["q"]) * v["a"],
            np.clip(np.exp(v["p"] - v["q"]), 1 - v["epsilon"], 1 + v["epsilon"]) * v["a"],
        ),
    ),
    "kl-estimators": ("D", lambda v: (v["q"] * np.log(v["q"] / v["p"])).sum()),
    "group-advantages": ("A", lambda v: (v["r"] - v["r"].mean()) / v["r"].std()),
    "noam-schedule": ("eta", lambda v: v["d"] ** -0.5 * min(v["t"] ** -0.5, v["t"] * v["w"] ** -1.5)),
    "gradient-clipping": ("s", lambda v: min(1, v["c"] / np.sqrt((v["g"] ** 2).sum() + (v["h"] ** 2).sum()))),
    "muon-iteration": ("X", lambda v: v["s"] * np.outer(unit(v["y"]), unit(v["z"]))),
    "low-rank-adaptation": ("Y", lambda v: v["x"] @ (v["W"] + v["s"] * v["A"] @ v["B"])),
    "weights-before-a-norm": ("g", lambda v: slope(lambda w: v["t"] @ unit(w), v["w"])),
    "path-expansion": (
        "Z",
        lambda v: (lambda Y: Y + v["B"] @ Y @ v["W"])(v["X"] + v["A"] @ v["X"] @ v["V"]),
    ),
    "split-kv-merge": ("y", lambda v: softmax(np.r_[v["a"], v["b"]]) @ np.r_[v["v"], v["w"]]),
    "flash-attention-backward": ("L", lambda v: np.log(np.exp(v["T"]).sum(1))),
    "alibi": (
        "P",
        lambda v: softmax(
            np.where(np.tri(3, dtype=bool), v["S"] - v["m"] * np.subtract.outer(np.arange(3), np.arange(3)), -np.inf)
        ),
    ),
    "rotary-backward": (
        "u",
        lambda v: v["x"] * np.cos(np.outer(v["t"], v["omega"])) - v["y"] * np.sin(np.outer(v["t"], v["omega"])),
    ),
    "delta-rule": (
        "N",
        lambda v: (lambda k: v["S"] + v["beta"] * np.outer(v["v"] - v["S"] @ k, k))(unit(v["z"])),
    ),
    "perplexity": ("L", lambda v: -np.log(v["p"]).mean()),
    "softmax-backward": ("a", lambda v: softmax(v["x"]) @ v["dp"]),
    "modified-metric": ("V", lambda v: v["W"] + v["W"].T),
    "gram-equation": ("G", lambda v: unit(v["x"]) @ unit(v["x"]).T),
    "long-context": ("P", lambda v: (1 + (v["a"] - 1) * np.eye(4)) / (v["a"] + 3)),
    "uniform-energy": ("F", lambda v: np.sinh(v["beta"]) / v["beta"]),
    "wendel": ("B_3", lambda v: 2 * (1 + (v["n"] - 1) + (v["n"] - 1) * (v["n"] - 2) / 2)),
}


@pytest.mark.parametrize("slug", CHECKS)
def test_a_number_of_the_page_is_that_of_plain_numpy(slug):
    name, formula = CHECKS[slug]
    page = sf.load(slug)
    worked = page.at().example
    values = {one.name: np.array(worked.nested(one), float) for one in page.inputs}
    shown = next(one for one in page.where if getattr(one, "name", "") == name)
    np.testing.assert_allclose(np.array(worked.nested(shown), float), formula(values), rtol=1e-6, atol=1e-8)
