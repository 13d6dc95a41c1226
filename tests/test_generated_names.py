"""Names of generated Python are what Python reads: a string, a keyword or a comment holds none."""

import pytest

from symformer.compile.emission.reading import names_read, with_name

RENAMED = [
    ("axis.sum(axis=axis)", "S.sum(axis=S)"),
    ("x.axis + axis", "x.axis + S"),
    ('product(scratch, "axis", axis)', 'product(scratch, "axis", S)'),
    ("axis = f(axis)  # axis", "S = f(S)  # axis"),
    ("for k in range(len(axis)):", "for k in range(len(S)):"),
    ("axis[..., at] += axis_2", "S[..., at] += axis_2"),
]
READ = [
    (["y = x.reshape(n, -1)"], {"x", "n"}),
    (["y = f(x, n=2)"], {"f", "x"}),
    (['y = f("n", x.n)  # n'], {"f", "x"}),
    (["n = len(x)"], {"len", "x"}),
    (["for t in range(n):", "    y[t] = x[t]", "return y"], {"range", "n", "t", "x", "y"}),
]


@pytest.mark.parametrize(("text", "wanted"), RENAMED)
def test_a_variable_alone_is_renamed(text, wanted):
    assert with_name(text, "axis", "S") == wanted


@pytest.mark.parametrize(("lines", "wanted"), READ)
def test_what_is_read_is_what_python_reads(lines, wanted):
    assert names_read(lines) == wanted
