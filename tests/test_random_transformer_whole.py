"""The Random Transformer to its last word: against plain NumPy, and against what the post prints."""

import json
from pathlib import Path

import numpy as np
import pytest

import symformer as sf

PAGE = sf.load("random-transformer-whole")
WORKED = PAGE.at()
SHOWN = WORKED.page()
FACTS = json.loads((Path(__file__).parent / "data" / "random_transformer.json").read_text(encoding="utf-8"))
POST_WEIGHTS = ("W_Q_E", "W_K_E", "W_V_E", "W_O_E")


def softmax(x):
    """Softmax of the last axis."""
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def normed(x):
    """Layer norm as the post has it."""
    return (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + 1e-6)


def attended(x, z, values, mark, layer, hidden, divisor):
    """Heads of attention, side by side as the post has them."""
    found = 0
    for head in range(2):
        q, k, v = (tokens @ values[f"W_{w}_{mark}"][layer, head] for tokens, w in ((x, "Q"), (z, "K"), (z, "V")))
        scores = np.where(hidden, -np.inf, q @ k.T / divisor)
        found = found + softmax(scores) @ v @ values[f"W_O_{mark}"][layer, head]
    return found


def fed(x, values, mark, layer):
    """The feed-forward network."""
    inner = np.maximum(x @ values[f"W_1_{mark}"][layer] + values[f"b_1_{mark}"][layer], 0)
    return inner @ values[f"W_2_{mark}"][layer] + values[f"b_2_{mark}"][layer]


def logits(values):
    """The scores of the ten words, for each word of the target."""
    x = values["E"][values["source"] - 1] + values["PE_n"]
    for layer in range(2):
        x = normed(x + attended(x, x, values, "E", layer, False, np.sqrt(values["t"][layer])))
        x = normed(x + fed(x, values, "E", layer))
    length = len(values["target"])
    y = values["E"][values["target"] - 1] + values["PE_m"][:length]
    later = np.triu(np.ones((length, length), bool), 1)
    for layer in range(2):
        y = normed(y + attended(y, y, values, "D", layer, later, np.sqrt(3)))
        y = normed(y + attended(y, x, values, "X", layer, False, np.sqrt(3)))
        y = normed(y + fed(y, values, "D", layer))
    return y @ values["U"] + values["b_U"]


def example():
    """The page's numbers as arrays."""
    return {name: np.array(value) for name, value in PAGE.example.items()}


def tensor(name):
    """A tensor that the page shows."""
    return next(found for found in PAGE.where if found.name == name)


def test_scores_probabilities_and_choices_are_those_of_numpy():
    expected = logits(example())
    worked = WORKED.example
    np.testing.assert_allclose(worked.nested(tensor("logits")), expected, atol=1e-12)
    np.testing.assert_allclose(worked.nested(tensor("P")), softmax(expected), atol=1e-12)
    np.testing.assert_array_equal(np.argmax(worked.nested(tensor("G")), -1), expected.argmax(-1))
    np.testing.assert_array_equal(worked.nested(tensor("next")), expected.argmax(-1) + 1)


def test_the_target_is_what_greedy_decoding_writes():
    """And the sentence is the one that the post prints: hola mundo world."""
    values = example()
    written = [7]
    for _ in range(3):
        values["target"] = np.array(written)
        written.append(int(logits(values)[-1].argmax()) + 1)
    assert written == [7, 9, 2, 3]
    assert written[:3] == list(example()["target"])


def test_a_readers_tokens_change_the_sentence():
    given = {**PAGE.example, "source": [2, 9]}
    found = np.array(PAGE.at(given).example.nested(tensor("logits")))
    expected = logits({name: np.array(value) for name, value in given.items()})
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("name", POST_WEIGHTS)
def test_the_first_layer_has_the_weights_of_the_post(name):
    np.testing.assert_array_equal(example()[name][0], FACTS["inputs"][name.removesuffix("_E")])


def test_drawn_weights_are_small():
    drawn = [value for name, value in example().items() if name.startswith(("W_", "b_", "U"))]
    for name, value in zip(example(), drawn, strict=False):
        assert set(np.unique(value[1:])) <= {-1, 0, 1}, name


# What the page says. --------------------------------------------------------------------------------------------------


def test_every_input_and_every_definition_stands_there_in_numbers():
    """Each input once, each definition of each layer, no dots in a matrix, and one section for each sublayer."""
    titles = [step.heading for step in SHOWN.steps if step.heading]
    assert len(titles) == 1 + 2 * 4 + 1 + 1 + 1 + 2 * 6 + 1 + 1
    assert all(step.flow for step in SHOWN.steps if step.heading)
    marked = SHOWN.live
    for one in PAGE.inputs:
        assert f'"name":"{one.name}"' in marked
    given = WORKED.text("number", draw=False)
    for name in ("Q_[E,1;1]", "A_[D,2;2]", "N_[Dc,2]", "logits", "next"):
        assert f"\n{name}" in given, name


def test_what_the_post_prints_agrees_or_says_how_far_it_does_not():
    remarks = [
        "".join(part if isinstance(part, str) else "#" for part in one) for step in SHOWN.steps for one in step.printed
    ]
    assert len(remarks) == len(PAGE.printed)
    off = [remark for remark in remarks if "the same to every digit" not in remark]
    assert len(off) == 1 and "cell 60" in off[0] and "4.3e-08" in off[0]


def test_what_the_post_computes_in_its_text_stands_on_a_page_of_its_own():
    """Every printed value of the prose, cells 24, 61, 64 and 80; three contradict the rows that they come from."""
    prose = sf.load("random-transformer-prose")
    remarks = [remark for step in prose.at().page().steps for remark in step.printed]
    told = ["".join(part for part in one if isinstance(part, str)) for one in remarks]
    assert len(told) == len(prose.printed)
    off = [one.split(":")[0] for one in told if "the same to every digit" not in one]
    assert off == [f"Printed in cell {cell}" for cell in (64, 87, 98)]
    theirs = {str(value) for printed in prose.printed for value in np.ravel(np.array(printed.value, object))}
    facts = [*FACTS["prose"]["printed"], FACTS["softmax_of_1_2_3"]]
    assert {
        str(value) for row in facts for value in np.ravel(np.array(row["value"], object)) if value is not None
    } <= theirs


def test_the_rows_of_the_decoder_are_numpys():
    prose = sf.load("random-transformer-prose")
    values = {name: np.array(value, float) for name, value in prose.example.items()}
    N_D = normed(values["Z_D"] + values["Y"])
    want = {"N_D": N_D, "N_X": normed(values["Z_X"] + N_D), "P": softmax(values["logits"]), "s": softmax(values["x"])}
    worked = prose.at().example
    for name, value in want.items():
        found = next(one for one in prose.where if getattr(one, "name", "") == name)
        np.testing.assert_allclose(np.array(worked.nested(found), float), value, rtol=1e-12, err_msg=name)


def test_a_readers_numbers_are_not_compared_with_the_post():
    page = PAGE.at({**PAGE.example, "source": [2, 9]}).page()
    assert not any(step.printed for step in page.steps)


@pytest.mark.parametrize("row", FACTS["discrepancies"], ids=lambda row: row["what"])
def test_a_discrepancy_is_named_on_the_page(row):
    said = WORKED.text("number", draw=False).replace("ε", "ε")
    assert all(word in said for word in row["named_by"])


def test_the_page_is_small_and_markdown_has_it_whole():
    assert len(PAGE.html().encode()) < 300_000
    written = PAGE.markdown()
    assert written.count("Printed in ") == len(PAGE.printed)
    assert r"\begin{pmatrix} 9 \\ 2 \\ 3 \end{pmatrix}" in written
