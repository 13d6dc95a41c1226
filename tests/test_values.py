"""Numbers of a reader's: read without running anything, exact as long as that is short, never silently wrong."""

from __future__ import annotations

import importlib.util
import json
import os
import pickle
import re
from decimal import Decimal, localcontext

import numpy as np
import pytest
import sympy

import symformer as sf
from symformer.values import read_file

n, m = sf.sizes("n m")
i, j, k = sf.indices("i j k")
x, A = sf.tensor("x", n), sf.tensor("A", n, m)
c = sf.scalar("c")


def shown(formula, decimals=4, **values):
    """The three lines of one formula in numbers: symbols, substituted, result."""
    derivation = sf.Derivation("T", calc=((formula, "a"),))
    text = derivation.at(values, decimals=decimals).text()
    return [line.strip() for line in text.split("Line (1)")[1].splitlines()[1:4]]


# How numbers are shown. -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "value", "substituted", "result"),
    [
        (c / 3, 1, "= 1/3", "= 1/3"),
        (c + 1, "1/3", "= 1/3 + 1", "= 4/3"),
        (sf.sqrt(c), 2, "= √2", "= √2"),
        (sf.sqrt(c), 9, "= √9", "= 3"),
        (sf.exp(c), 0, "= exp(0)", "= 1"),
        (sf.exp(c), 1, "= exp(1)", "≈ 2.7183"),
        (c + 1, 2.84, "= 2.84 + 1", "= 3.84"),
        (c / 3, 2.84, "= 2.84/3", "≈ 0.9467"),
        (c / 8, 0.5, "= 0.5/8", "= 0.0625"),
        (1 - c, -7, "= 1 − (−7)", "= 8"),
        (c**2, "-1/2", "= (−1/2)^2", "= 1/4"),
        (sf.exp(c), -30, "= exp(−30)", "≈ 9.358e−14"),
        (c * 1, 0.00001, "= 0.00001 · 1", "= 0.00001"),
        (sf.exp(c), 80, "= exp(80)", "≈ 55406223843935100525711733958316612.9249"),
    ],
)
def test_a_number_is_exact_or_marked_as_rounded(formula, value, substituted, result):
    got = shown(formula, c=value)
    assert got[1:] == [substituted, result]


def test_the_three_lines_of_a_sum():
    assert shown(sf.sum(x[k] ** 2, k), x=[1, 2, -3]) == ["Σ_k x_k^2", "= 1^2 + 2^2 + (−3)^2", "= 14"]


def test_a_long_sum_is_cut_with_dots():
    lines = shown(sf.sum(x[k], k), x=list(range(1, 21)))
    assert lines[1:] == ["= 1 + 2 + 3 + 4 + … + 20", "= 210"]


def test_a_factor_before_a_fraction_is_no_mixed_number():
    """2 · 1/2 is 1, and must not look like two and a half."""
    assert shown(n * sf.mean(x[k], k), x=[3, 4])[1] == "= 2 · 1/2(3 + 4)"


@pytest.mark.parametrize("typed", ["0.50", "2.840", "0.123456789123", "12345678.123456789", "1e-12"])
def test_a_decimal_input_is_shown_as_it_was_typed(tmp_path, typed):
    (tmp_path / "v.json").write_text(f'{{"c": {typed}}}')
    derivation = sf.Derivation("T", given=(c.tensor,), where=(sf.define("y", (), c + c),))
    text = derivation.at(read_file(tmp_path / "v.json")).text()
    assert f"c\n  = {typed.replace('-', '−')}\n" in text


@pytest.mark.parametrize("decimals", [0, 1, 12, 30])
def test_rounding_is_that_of_sympy(decimals):
    for value in ("1/7", "12345/7", "-2/3", 5):
        exact = sympy.exp(sympy.Rational(value) / 1000).evalf(60)
        with localcontext(prec=100):
            want = Decimal(str(exact)).quantize(Decimal(1).scaleb(-decimals))
        assert shown(sf.exp(c / 1000), decimals=decimals, c=value)[2] == f"≈ {want}"


@pytest.mark.parametrize(
    ("value", "digits", "scientific", "result"),
    [
        (1, 3, False, "≈ 2.72"),
        (10, 3, False, "≈ 2.20e4"),
        (10, 8, False, "≈ 22026.466"),
        (-5, 2, False, "≈ 0.0067"),
        (-30, 2, False, "≈ 9.4e−14"),
        (1, 3, True, "≈ 2.72e0"),
        (-30, None, True, "≈ 9.3576e−14"),
    ],
)
def test_significant_digits_and_powers_of_ten_on_request(value, digits, scientific, result):
    derivation = sf.Derivation("T", calc=((sf.exp(c), "a"),))
    text = derivation.at(c=value, digits=digits, scientific=scientific).text()
    assert f"  {result}\n" in text


@pytest.mark.parametrize("digits", [0, -1, 41])
def test_digits_that_cannot_be_shown_are_refused(digits):
    with pytest.raises(sf.ValuesError, match="digits: expected 1 to 40"):
        sf.Derivation("T", calc=((sf.exp(c), "a"),)).at(c=1, digits=digits).text()


def test_a_power_of_ten_under_an_exponent_has_brackets():
    """1e-7 squared is no double superscript, in LaTeX either."""
    latex = sf.Derivation("T", calc=((c**2, "a"),)).at(c=1e-7, decimals=2).latex()
    assert r"(1 \cdot 10^{-7})^{2}" in latex or r"0.0000001^{2}" in latex


def test_digits_that_do_not_add_up_are_said():
    """A third three times, and a softmax row: the digits shown are not 1, the numbers are."""
    p = sf.define("p", i, sf.exp(x[i]) / sf.sum(sf.exp(x[k]), k))
    text = sf.Derivation("T", given=(x,), where=(p,)).at(x=[1, 2, 3]).text()
    assert "(As shown, the entries add up to 0.9999; unrounded, to 1.)" in text
    thirds = sf.Derivation("T", given=(x,), where=(p,), calc=((sf.sum(p[k], k), "a"),))
    text = thirds.at(x=["1/7", "1/9", "1/9"]).text()
    assert "= 0.3404 + 0.3298 + 0.3298\n  ≈ 1.0000\n" in text
    text = thirds.at(x=[1, 2, 3]).text()
    assert "= 0.0900 + 0.2447 + 0.6652\n  ≈ 1.0000\n  (The digits shown add up to 0.9999.)" in text


def test_large_matrices_and_many_of_them_are_cut_with_dots():
    B = sf.tensor("B", n, m)
    worked = sf.Derivation("T", given=(B,), calc=((B[1, 1], "a"),)).at(
        B=[[10 * r + s for s in range(12)] for r in range(9)]
    )
    latex = worked.latex()
    assert r"\vdots" in latex and r"\ddots" in latex and r"\dots" in latex
    assert latex.count(r" \\ ") == 7
    C = sf.tensor("C", sf.sizes("h"), n, m)
    text = sf.Derivation("T", given=(C,), calc=((C[1, 1, 1], "a"),)).at(C=[[[r]] for r in range(20)]).text()
    assert "(13 more of 20 are left out here.)" in text
    assert len(re.findall(r"^C_(\d|\[\d+\])$", text, flags=re.MULTILINE)) == 7


def test_many_decimals_are_right_to_the_last_or_refused():
    """No digit is shown that was not computed."""
    exact = str(sympy.exp(1).evalf(120))
    for decimals in (38, 45, 80):
        try:
            got = shown(sf.exp(c), decimals=decimals, c=1)[2]
        except sf.ValuesError:
            continue
        assert got.removeprefix("≈ ")[:-1] == exact[: decimals + 1]


def test_a_product_of_roots_stays_exact():
    assert shown(sf.sqrt(2) * c * sf.sqrt(2), c=3)[2] == "= 6"


def test_worked_numbers_are_numpys():
    """Every named intermediate of attention at the example is what NumPy computes."""
    worked = sf.load("attention-in-three-notations").at()
    got = {tensor.name: np.array(worked.example.nested(tensor)) for tensor in worked.tensors()}
    Q, K, V = (np.array(worked.derivation.example[name], float) for name in "QKV")
    S = Q @ K.T / np.sqrt(2)
    P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    for name, want in {"S": S, "P": P, "O": P @ V}.items():
        np.testing.assert_allclose(got[name], want, rtol=1e-14)


# Files. ---------------------------------------------------------------------------------------------------------------

TWO = sf.Derivation("T", given=(x, A), where=(sf.define("y", i, sf.sum(A[i, j], j) * x[i]),))


def entries(values):
    """The entries of y at these values."""
    return TWO.at(values).example.nested(TWO.where[0])


def test_json_holds_ints_decimals_and_rationals(tmp_path):
    (tmp_path / "v.json").write_text('{"x": [3, "1/3"], "A": [[0.25, 1], [" -3/6 ", "2"]]}')
    worked = TWO.at(read_file(tmp_path / "v.json"))
    assert worked.values.entries["x"][(2,)] == sympy.Rational(1, 3)
    assert worked.values.entries["A"][(1, 1)] == sympy.Rational(1, 4)
    assert worked.values.entries["A"][(2, 1)] == sympy.Rational(-1, 2)
    assert {size.name: number for size, number in worked.values.sizes.items()} == {"n": 2, "m": 2}


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "bool"])
def test_npz_holds_arrays(tmp_path, dtype):
    arrays = {"x": np.array([1, 0], dtype), "A": np.array([[1, 0, 1], [1, 1, 1]], dtype)}
    np.savez(tmp_path / "v.npz", **arrays)
    assert entries(read_file(tmp_path / "v.npz")) == [2.0, 0.0]


def test_safetensors_holds_arrays(tmp_path):
    if importlib.util.find_spec("safetensors") is None and "CI" not in os.environ:
        pytest.skip("safetensors is not installed")
    from safetensors.numpy import save_file

    save_file({"x": np.array([1.5, 2]), "A": np.ones((2, 3))}, tmp_path / "v.safetensors")
    assert entries(read_file(tmp_path / "v.safetensors")) == [4.5, 6.0]


BAD = {
    '{"x": [1, 2]}': "A: missing; expected shape (n = 2, m)",
    '{"x": [1], "A": [[1]], "B": 1}': "B: unknown; expected x, A",
    '{"x": [1, 2], "A": [[1, 2], [3]]}': "A[2][1]: expected rows of equal length 2, found a list of 1",
    '{"x": [1, 2], "A": [[1, 2]]}': "A: expected shape (n = 2, m), found (1, 2)",
    '{"x": [[1]], "A": [[1]]}': "x: expected shape (n,), found (1, 1)",
    '{"x": 1, "A": [[1]]}': "x: expected shape (n,), found ()",
    '{"x": [], "A": [[1]]}': "x: expected shape (n,), found (0,)",
    '{"x": ["one"], "A": [[1]]}': "x[1]: expected a number or a rational such as \"1/3\", found 'one'",
    '{"x": ["1/0"], "A": [[1]]}': "x[1]: expected a number",
    '{"x": [null], "A": [[1]]}': "x[1]: expected a number",
    '{"x": [{}], "A": [[1]]}': "x[1]: expected a number",
    '{"x": [NaN], "A": [[1]]}': "NaN is no finite number",
    '{"x": [-Infinity], "A": [[1]]}': "-Infinity is no finite number",
    '{"x": [1], "A": [[1]]': "v.json",
    "[1, 2]": "expected an object of named values, got list",
    "": "v.json",
    '{"x": ["' + "9" * 6000 + '"], "A": [[1]]}': "x[1]",
    '{"x": [' + "9" * 6000 + '], "A": [[1]]}': "v.json",
    '{"x": [1e999999], "A": [[1]]}': "x[1]",
    '{"x": ' + "[" * 100000 + "]" * 100000 + ', "A": [[1]]}': "v.json",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:40])
def test_values_that_do_not_fit_are_refused_by_name(tmp_path, text):
    path = tmp_path / "v.json"
    path.write_text(text)
    with pytest.raises(sf.ValuesError) as caught:
        TWO.at(read_file(path), source=str(path)).text()
    assert BAD[text] in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.nan, 1j, "nan", "1e3", "0x10", "1_000", "2**9"])
def test_values_from_python_are_finite_numbers_too(number):
    with pytest.raises(sf.ValuesError, match=r"x\[1\]"):
        TWO.at(x=[number], A=[[1]])


@pytest.mark.parametrize(
    ("kind", "value"), [("positive", 0), ("nonnegative", -1), ("mask", 2), ("integer", "1/2"), ("positive", -0.5)]
)
def test_values_lie_in_their_domain(kind, value):
    z = sf.tensor("z", n, kind=kind)
    with pytest.raises(sf.ValuesError, match=rf"z\[1\]: expected an? {kind} value, found"):
        sf.Derivation("T", given=(z,), calc=((z[i], "a"),)).at(z=[value])


@pytest.mark.parametrize("outside", [0, 4, -1])
def test_a_class_index_is_a_class(outside):
    t = sf.tensor("t", kind="integer", upper=n)
    loss = sf.Derivation("T", given=(x, t), where=(sf.cross_entropy(x, t, name="L"),))
    with pytest.raises(sf.ValuesError, match="t: expected"):
        loss.at(x=[1, 2, 3], t=outside).text()


def test_a_simplex_row_sums_to_1():
    y = sf.tensor("y", n, kind="simplex")
    with pytest.raises(sf.ValuesError, match="y"):
        sf.Derivation("T", given=(y,), calc=((y[i], "a"),)).at(y=[1, 1])


@pytest.mark.parametrize("code", ["__import__('os').system('touch {0}')", "open({0!r}, 'w')", "[].append(1)"])
def test_values_are_never_run_as_code(tmp_path, code):
    trace = tmp_path / "trace"
    text = code.format(str(trace))
    for values in ({"x": [text], "A": [[1]]}, {"x": text, "A": [[1]]}, {text: [1], "x": [1], "A": [[1]]}):
        (tmp_path / "v.json").write_text(json.dumps(values))
        with pytest.raises(sf.ValuesError):
            TWO.at(read_file(tmp_path / "v.json"))
    assert not trace.exists()


class Trap:
    """Unpickling it would make a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_pickle_in_an_archive_is_not_opened(tmp_path):
    trace = tmp_path / "trace"
    np.savez(tmp_path / "v.npz", x=np.array([Trap(str(trace))], dtype=object))
    (tmp_path / "w.npz").write_bytes(pickle.dumps(Trap(str(trace))))
    for name in ("v.npz", "w.npz"):
        with pytest.raises(sf.ValuesError, match=name):
            read_file(tmp_path / name)
    assert not trace.exists()


@pytest.mark.parametrize("name", ["v.txt", "v", "v.py", "v.pkl", "v.npy"])
def test_other_files_are_refused(tmp_path, name):
    (tmp_path / name).write_text("{}")
    with pytest.raises(sf.ValuesError, match=r"expected a \.json, \.npz or \.safetensors file"):
        read_file(tmp_path / name)


@pytest.mark.parametrize("name", ["v.json", "v.npz", "v.safetensors"])
@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe garbage", b"PK\x03\x04 broken"])
def test_damaged_files_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(sf.ValuesError, match=name):
        read_file(tmp_path / name)
    with pytest.raises(sf.ValuesError, match="cannot be read"):
        read_file(tmp_path / "missing.json")
