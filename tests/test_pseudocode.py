"""Pseudocode: the tiled nests of programs, whose lines are followed here by hand, and compared with the functions."""

import re
import subprocess

import numpy as np
import pytest
from test_formulas import _loaded

import symformer as sf
import symformer.functions
from symformer.cli import main
from symformer.compile import pseudocode
from symformer.compile.pseudocode import nests

n, m, d, e = sf.sizes("n m d e")
i, j, k = sf.indices("i j k")
Q, K, V, X = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e), sf.tensor("X", n, d)
ATTENTION = sf.program(sf.attention(Q, K, V, name="O"))
SWEPT = """
for each block I of B_i values of i, in parallel:
    load Q_ic
    m_i ← −∞
    Z_i ← 0
    O_[sum;if] ← 0
    for each block J of B_j values of j:
        load K_jc
        load V_jf
        S_ij ← Σ_c Q_ic 1/√d K_jc
        m_[old;i] ← m_i
        m_i ← max(m_[old;i], max_[j∈J] S_ij)
        grown_[m;i] ← exp(m_[old;i] − m_i)
        Z_i ← grown_[m;i] Z_i
        O_[sum;if] ← grown_[m;i] O_[sum;if]
        u_ij ← exp(S_ij − m_i)
        Z_i ← Z_i + Σ_[j∈J] u_ij
        O_[sum;if] ← O_[sum;if] + Σ_[j∈J] u_ij V_jf
    O_if ← (O_[sum;if])/(Z_i + [Z_i = 0])
    store O_if
"""
BACK = """
for each block J of B_j values of j, in parallel:
    load K_jc
    load V_jf
    dK_[sum;jc] ← 0
    dV_jf ← 0
    for each block I of B_i values of i:
        load Q_ic
        load m_i
        load dO_if
        load O_if
        load Z_i
        S_ij ← Σ_c Q_ic 1/√d K_jc
        u_ij ← exp(S_ij − m_i)
        du_ij ← (Σ_f dO_if V_jf − Σ_f dO_if O_if)/(Z_i + [Z_i = 0])
        dS_ij ← du_ij u_ij
        dK_[sum;jc] ← dK_[sum;jc] + Σ_[i∈I] Q_ic dS_ij
        dV_jf ← dV_jf + Σ_[i∈I] (u_ij dO_if)/(Z_i + [Z_i = 0])
    dK_jc ← (dK_[sum;jc])/√d
    store dK_jc
    store dV_jf
"""


def without_notes(text):
    """The lines without what stands beside them."""
    return "\n".join(re.split(r"(?<=\S) {2,}", line)[0] for line in text.splitlines())


def blocks(count, size):
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def test_attention_is_the_sweep_with_a_running_maximum():
    text = without_notes(pseudocode("attention", ATTENTION))
    assert SWEPT.strip() in text
    assert BACK.strip() in text
    assert "kept in memory between nests: m (n), Z (n), O (n × e)" in text


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (5, 7)])
def test_following_the_lines_gives_attention_and_its_gradients(rows, columns):
    random = np.random.default_rng(0)
    q, keys, v, dO = (random.normal(size=shape) for shape in ((5, 2), (7, 2), (7, 3), (5, 3)))
    O, m_i, Z_i = np.empty((5, 3)), np.empty(5), np.empty(5)
    for I in blocks(5, rows):
        top, Z, total = np.full(len(q[I]), -np.inf), np.zeros(len(q[I])), np.zeros((len(q[I]), 3))
        for J in blocks(7, columns):
            S = q[I] / np.sqrt(2) @ keys[J].T
            old = top
            top = np.maximum(old, S.max(axis=1))
            grown = np.exp(old - top)
            Z, total = grown * Z, grown[:, None] * total
            u = np.exp(S - top[:, None])
            Z, total = Z + u.sum(axis=1), total + u @ v[J]
        O[I], m_i[I], Z_i[I] = total / (Z + (Z == 0))[:, None], top, Z
    np.testing.assert_allclose(O, symformer.functions.attention(q, keys, v), rtol=1e-12)
    dK, dV = np.empty((7, 2)), np.empty((7, 3))
    for J in blocks(7, columns):
        sum_k, sum_v = np.zeros((len(keys[J]), 2)), np.zeros((len(keys[J]), 3))
        for I in blocks(5, rows):
            u = np.exp(q[I] / np.sqrt(2) @ keys[J].T - m_i[I][:, None])
            du = (dO[I] @ v[J].T - (dO[I] * O[I]).sum(axis=1)[:, None]) / Z_i[I][:, None]
            sum_k, sum_v = sum_k + (du * u).T @ q[I], sum_v + u.T @ (dO[I] / Z_i[I][:, None])
        dK[J], dV[J] = sum_k / np.sqrt(2), sum_v
    _, wanted_k, wanted_v = symformer.functions.attention_vjp(dO, q, keys, v)[:3]
    np.testing.assert_allclose(dK, wanted_k, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(dV, wanted_v, rtol=1e-10, atol=1e-14)


def test_what_needs_a_whole_row_first_comes_in_another_sweep():
    text = without_notes(pseudocode("layer_norm", sf.program(sf.layer_norm(X, name="Y"))))
    forward = text.split("layer_norm, backward")[0]
    assert forward.count("for each block J of B_j values of j:") == 3
    assert forward.index("μ_i ←") < forward.index("c_ij ←") < forward.index("v_i ←") < forward.index("Y_ij ←")
    _, (nest,) = nests(sf.program(sf.layer_norm(X, name="Y")))
    assert nest.sweeps == 2
    assert [one.scaled_by for one in nest.running] == [None, None]


def test_a_maximum_that_something_else_reads_is_no_running_one():
    top = sf.define("m", i, sf.max(X[i, k], k))
    square = sf.define("u", (i, j), (X[i, j] - top[i]) ** 2)
    _, (nest,) = nests(sf.program(sf.define("s", i, sf.sum(square[i, k], k))))
    assert [one.step for one in nest.running] == [0, 1]
    assert all(one.scaled_by is None for one in nest.running)


def test_sums_that_follow_an_order_have_whole_rows():
    text = pseudocode("f", sf.program(sf.define("y", (i, (j, d)), sf.sum(X[i, k] * sf.indicator(k, "≤", j), k))))
    assert "for each block J" not in text


@pytest.mark.parametrize("name", ["clip_loss", "ngpt", "top2_gate", "swin_cosine", "huber"])
def test_published_formulas_have_nests(name):
    program = _loaded(name).PROGRAM
    text = pseudocode(name, program)
    opened, found = nests(program)
    stored = {one.name for nest in found for one in nest.outputs}
    assert {one.name for one in opened.outputs} <= stored
    assert text.count("store ") >= len(opened.outputs)


def test_a_loop_is_refused_by_name_and_no_file_is_written(tmp_path, capsys):
    file = tmp_path / "f.txt"
    assert main(["export", f"{_loaded('gru').__file__}:PROGRAM", "--to", "pseudocode", "-o", str(file)]) == 2
    assert "a loop over steps has no form in pseudocode" in capsys.readouterr().err
    assert not file.exists()


def test_latex_compiles(tmp_path):
    file = tmp_path / "f.tex"
    assert main(["export", "attention", "--to", "pseudocode", "-o", str(file)]) == 0
    page = "\\documentclass{article}\\usepackage{amsmath,amssymb}\\begin{document}\\tiny\n"
    (tmp_path / "page.tex").write_text(page + file.read_text() + "\\end{document}\n", encoding="utf-8")
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"], cwd=tmp_path,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-1500:]
