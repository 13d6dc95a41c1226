"""The Random Transformer to its last word, against plain NumPy."""

import numpy as np

import symformer as sf

PAGE = sf.load("random-transformer-whole")


def softmax(x):
    """Softmax of the last axis."""
    shares = np.exp(x - x.max(-1, keepdims=True))
    return shares / shares.sum(-1, keepdims=True)


def normed(x):
    """Layer norm as the post has it."""
    return (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + 1e-6)


def attended(x, z, values, mark, block, hidden):
    """Heads of attention, side by side as the post has them."""
    found = 0
    for head in range(2):
        q, k, v = (tokens @ values[f"W_{w}_{mark}"][block, head] for tokens, w in ((x, "Q"), (z, "K"), (z, "V")))
        scores = np.where(hidden, -np.inf, q @ k.T / np.sqrt(3))
        found = found + softmax(scores) @ v @ values[f"W_O_{mark}"][block, head]
    return found


def fed(x, values, mark, block):
    """The feed-forward block."""
    inner = np.maximum(x @ values[f"W_1_{mark}"][block] + values[f"b_1_{mark}"][block], 0)
    return inner @ values[f"W_2_{mark}"][block] + values[f"b_2_{mark}"][block]


def logits(values):
    """The scores of the ten words, for each word of the target."""
    x = values["E"][values["source"] - 1] + values["PE_n"]
    for block in range(2):
        x = normed(x + attended(x, x, values, "E", block, False))
        x = normed(x + fed(x, values, "E", block))
    length = len(values["target"])
    y = values["E"][values["target"] - 1] + values["PE_m"][:length]
    later = np.triu(np.ones((length, length), bool), 1)
    for block in range(2):
        y = normed(y + attended(y, y, values, "D", block, later))
        y = normed(y + attended(y, x, values, "X", block, False))
        y = normed(y + fed(y, values, "D", block))
    return y @ values["U"] + values["b_U"]


def example():
    """The page's numbers as arrays."""
    return {name: np.array(value) for name, value in PAGE.example.items()}


def tensor(name):
    """A tensor that the page shows."""
    return next(found for found in PAGE.where if found.name == name)


def test_scores_shares_and_choices_are_those_of_numpy():
    expected = logits(example())
    worked = PAGE.at().example
    np.testing.assert_allclose(worked.nested(tensor("logits")), expected, atol=1e-12)
    np.testing.assert_allclose(worked.nested(tensor("P")), softmax(expected), atol=1e-12)
    np.testing.assert_array_equal(np.argmax(worked.nested(tensor("G")), -1), expected.argmax(-1))


def test_the_target_is_what_greedy_decoding_writes():
    values = example()
    written, whole = [7], values["target"]
    while len(written) < len(whole):
        values["target"] = np.array(written)
        written.append(int(logits(values)[-1].argmax()) + 1)
    assert written == list(whole)


def test_a_readers_tokens_change_the_sentence():
    given = {**PAGE.example, "source": [2, 9]}
    found = np.array(PAGE.at(given).example.nested(tensor("logits")))
    expected = logits({name: np.array(value) for name, value in given.items()})
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_weights_are_small_and_the_same_everywhere():
    assert set(np.unique(example()["W_Q_E"])) == {-1, 0, 1}
    assert PAGE.example["W_Q_E"][0][0][0] == example()["W_Q_E"][0, 0, 0].tolist()
