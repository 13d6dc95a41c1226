"""The Random Transformer: every printed value that follows from the printed inputs, to the precision printed."""

from __future__ import annotations

import json
from math import floor, log10
from pathlib import Path

import numpy as np
import pytest

import symformer as sf
from symformer.cli import main

FACTS = json.loads((Path(__file__).parent / "data" / "random_transformer.json").read_text(encoding="utf-8"))
INPUTS = {name: np.array(value, float) for name, value in FACTS["inputs"].items()}


def label(row):
    """A test's name from a printed value."""
    return f"cell {row['cell']}: {row['what']}"


def numbers(worked):
    """Every named intermediate of a worked example as a NumPy array."""
    return {tensor.name: np.array(worked.example.nested(tensor)) for tensor in worked.tensors()}


@pytest.fixture(scope="module")
def page():
    """The numbers of the page at its own example."""
    return numbers(sf.load("random-transformer").at())


def agrees(got, row):
    """Whether numbers round to what is printed; null stands for what is not compared."""
    printed = np.array(row["value"], float)
    got = np.broadcast_to(got, printed.shape)
    for ours, theirs in zip(got.flat, printed.flat, strict=True):
        last = row["decimals"] if "decimals" in row else row["significant"] - 1 - floor(log10(abs(theirs)))
        if not np.isnan(theirs) and abs(ours - theirs) > 0.5000001 * 10.0**-last:
            return False
    return True


def part_of(page, row):
    """The part of the page's numbers that a printed value shows."""
    found = page[row["page"]]
    if "head" in row:
        found = found[row["head"] - 1]
    if row.get("layout") == "heads side by side":
        found = np.concatenate(found, axis=-1)
    return found[tuple(place - 1 for place in row["entry"])] if "entry" in row else found


def test_the_page_starts_from_the_printed_inputs():
    example = sf.load("random-transformer").example
    assert {name: np.array(value, float).tolist() for name, value in example.items()} == {
        name: value.tolist() for name, value in INPUTS.items()
    }


@pytest.mark.parametrize("row", FACTS["printed"], ids=label)
def test_a_printed_value_is_reproduced(page, row):
    assert agrees(part_of(page, row), row)


def test_the_comparison_fails_one_digit_away(page):
    """The comparison is as sharp as the print: one unit in the last place is refused."""
    for row in FACTS["printed"]:
        unit = 10.0 ** -row["decimals"] if "decimals" in row else 1e-7
        off = {
            **row,
            "value": (
                np.array(row["value"], float) * (1 + (unit if "significant" in row else 0)) + unit * ("decimals" in row)
            ).tolist(),
        }
        assert not agrees(part_of(page, row), off), label(row)


@pytest.mark.parametrize("row", FACTS["prose"]["printed"], ids=label)
def test_a_value_of_the_prose_follows_from_the_residual_of_the_prose(row):
    """Cells 60 to 64 go on from an X + Z of their own: mean, squares, variance, deviation, layer norm with ε = 10⁻⁵."""
    n, d = sf.sizes("n d")
    i, a, b = sf.indices("i a b")
    R = sf.tensor("R", n, d)
    mu = sf.define("mu", i, sf.mean(R[i, b], b))
    squares = sf.define("squares", i, sf.sum((R[i, b] - mu[i]) ** 2, b))
    v = sf.define("v", i, squares[i] / d)
    sigma = sf.define("sigma", i, sf.sqrt(v[i]))
    y = sf.define("y", (i, a), (R[i, a] - mu[i]) / sf.sqrt(v[i] + 0.00001))
    prose = sf.Derivation("The prose", given=(R,), where=(mu, squares, v, sigma, y))
    assert agrees(part_of(numbers(prose.at(R=FACTS["prose"]["R"])), row), row)


def test_the_softmax_of_1_2_3():
    row = FACTS["softmax_of_1_2_3"]
    worked = sf.load("softmax-jacobian").at(x=[1, 2, 3])
    assert agrees(numbers(worked)["s"], row)


@pytest.mark.parametrize("row", FACTS["discrepancies"], ids=lambda row: row["what"])
def test_a_discrepancy_is_named_in_a_note(row):
    notes = sf.load("random-transformer").notes
    assert any(all(word in note for word in row["named_by"]) for note in notes)


# The same model in plain NumPy. ---------------------------------------------------------------------------------------


def rows_of_softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def transformer(values, positions, divisor):
    """Everything up to layer norm, by name."""
    X = values["E"] + positions
    Q, K, V = ([X @ w for w in values[f"W_{letter}"]] for letter in "QKV")
    A = np.array([rows_of_softmax(q @ k.T / divisor) for q, k in zip(Q, K, strict=True)])
    heads = [a @ v for a, v in zip(A, V, strict=True)]
    Z = np.concatenate(heads, axis=1) @ np.concatenate(values["W_O"], axis=0)
    R = X + Z
    Y = (R - R.mean(axis=1, keepdims=True)) / (R.std(axis=1, keepdims=True) + 1e-6)
    return {
        "X": X,
        "Q": np.array(Q),
        "K": np.array(K),
        "V": np.array(V),
        "A": A,
        "O": np.array(heads),
        "Z": Z,
        "R": R,
        "Y": Y,
    }


def positions_of_the_paper(n, d):
    """PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i+1) = cos of the same, pos from 0."""
    table = np.zeros((n, d))
    for position in range(n):
        for pair in range(d // 2):
            angle = position / 10000 ** (2 * pair / d)
            table[position, 2 * pair], table[position, 2 * pair + 1] = np.sin(angle), np.cos(angle)
    return table


def test_the_variant_of_the_paper_is_numpys():
    got = numbers(sf.load("random-transformer-paper").at())
    positions = positions_of_the_paper(2, 4)
    np.testing.assert_allclose(got["PE"], positions, atol=1e-14)
    for name, want in transformer(INPUTS, positions, np.sqrt(3)).items():
        np.testing.assert_allclose(got[name], want, rtol=1e-11, atol=1e-11, err_msg=name)


def test_the_printed_chain_is_numpys(page):
    want = transformer(INPUTS, INPUTS["PE"], 30)
    renamed = {"A": "A_30", "O": "O_30"}
    for name, value in want.items():
        np.testing.assert_allclose(page[renamed.get(name, name)], value, rtol=1e-12, atol=1e-12, err_msg=name)


def test_a_readers_own_tokens(tmp_path, capsys):
    """Three tokens in place of two, through the command line; every entry shown is NumPy's, rounded."""
    mine = {**FACTS["inputs"], "E": [[2, 1, 0, 3], [1, 1, 2, 0], ["1/2", 3, 1, 1]],
            "PE": [[0, 1, 0, 1], [0.5, 0.25, 0, 1], [1, 0, 0.125, 0]]}  # fmt: skip
    (tmp_path / "mine.json").write_text(json.dumps(mine))
    assert main(["show", "random-transformer", "--linear", "--at", str(tmp_path / "mine.json")]) == 0
    shown = capsys.readouterr().out.replace("−", "-")
    values = {**INPUTS, "E": np.array([[2, 1, 0, 3], [1, 1, 2, 0], [0.5, 3, 1, 1]])}
    want = transformer(values, np.array(mine["PE"]), 30)
    for name in ("A", "O", "Z", "R", "Y"):
        for row in want[name].reshape(-1, want[name].shape[-1]):
            assert "[" + ", ".join(f"{number:.8f}" for number in row) + "]" in shown, name


def test_the_function_of_the_page_is_numpys():
    function = sf.load("random-transformer").lambdify()
    got = function(*(INPUTS[name] for name in ("E", "PE", "W_Q", "W_K", "W_V", "W_O")))
    np.testing.assert_allclose(got, transformer(INPUTS, INPUTS["PE"], 30)["Y"], rtol=1e-12)
