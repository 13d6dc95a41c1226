"""The matrix level: formulas as their papers print them, well-typed, whole chains, the same in every format."""

from __future__ import annotations

import re

import pytest

import symformer as sf
from symformer.derivation.given import index_names
from symformer.derivation.leaves import leaf_names
from symformer.derivation.matrix_level import Order, definition_box, sure_form
from symformer.display import IllTyped, recognise
from symformer.display.compound import Hadamard, Rows, Total
from symformer.display.matrices import Array, Diagonal, Outer, Product, Transpose
from symformer.display.operators import Inner, Norm, Softmax
from symformer.programs import Definition, reachable
from symformer.proof import Judge
from symformer.typeset import Big, Box, latex, mathml, text, transform
from symformer.typeset.names import name_box
from symformer.writers import markdown, terminal, tex, web_page

n, m, d, e, r, f_, H, G = sf.sizes("n m d_k d_v r d_ff H G")
h, g, i, j, k, l, a, c, f = sf.indices("h g i j k l a c f")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
X, W, A, B = sf.tensor("X", n, d), sf.tensor("W", d, e), sf.tensor("A", r, d), sf.tensor("B", e, r)
S, P, M, C = sf.tensor("S", n, m), sf.tensor("P", n, m), sf.tensor("M", n, m), sf.tensor("C", n, n)
grad, grad_p, O = sf.tensor("dO", n, e), sf.tensor("dP", n, m), sf.tensor("O", n, e)
W_1, W_2 = sf.tensor("W_1", d, f_), sf.tensor("W_2", f_, d)
b_1, b_2, x, y = sf.tensor("b_1", f_), sf.tensor("b_2", d), sf.tensor("x", d), sf.tensor("y", d)
gamma, beta, w, D = sf.tensor("gamma", d), sf.tensor("beta", d), sf.tensor("w", d), sf.tensor("D", n)
mu, sigma = sf.scalar("mu"), sf.scalar("sigma", kind="positive")
eps, alpha, cap = sf.scalar("epsilon", kind="positive"), sf.scalar("alpha"), sf.scalar("c", kind="positive")
m_, L = sf.tensor("m", n), sf.tensor("ell", n, kind="positive")
keep = sf.tensor("N", n, m, kind="mask")
W_V, W_O, head = sf.tensor("W_V", d, H, e), sf.tensor("W_O", H, e, d), sf.tensor("head", H, n, e)
score = sf.sum(Q[i, c] * K[j, c], c) / sf.sqrt(d)
mean = sf.mean(x[k], k)


def at(query, key):
    """The score of a query and a key."""
    return sf.sum(Q[query, c] * K[key, c], c) / sf.sqrt(d)


def seen(query, key, value):
    """A value where the key is not after the query."""
    return sf.indicator(key, "≤", query) * value


def seen_at(row, column):
    """Whether a rank is at most 2."""
    return sf.indicator(P[row, column], "≤", 2)


# Formula, its free indices, what is printed, and the paper that prints it so (up to the names of its letters).
PAPERS = [
    (sf.sum(sf.exp(at(i, j)) / sf.sum(sf.exp(at(i, k)), (k, m)) * V[j, f], j), (i, f),
     r"\mathrm{softmax}\left( \frac{QK^{\top}}{\sqrt{d_{k}}} \right)V", "Vaswani 2017, (1)"),
    (sf.sum(sf.exp(at(i, j) + M[i, j]) / sf.sum(sf.exp(at(i, k) + M[i, k]), (k, m)) * V[j, f], j), (i, f),
     r"\mathrm{softmax}\left( \frac{QK^{\top}}{\sqrt{d_{k}}} + M \right)V", "PyTorch, scaled dot-product attention"),
    (cap * sf.tanh(S[i, j] / cap), (i, j), r"c\, \tanh\left( \frac{S}{c} \right)", "Gemma 2, section 2"),
    (sf.sum(sf.relu(sf.sum(X[i, a] * W_1[a, f], a) + b_1[f]) * W_2[f, c], f) + b_2[c], (i, c),
     r"\mathrm{relu}(XW_{1} + \mathbf{1}b_{1}^{\top})W_{2} + \mathbf{1}b_{2}^{\top}", "Vaswani 2017, (2)"),
    (sf.sum(sf.sum(head[h, i, f] * W_O[h, f, c], f), h), (i, c),
     r"\sum_{h}\mathrm{head}_{h}\, W_{O;h}", "Vaswani 2017, 3.2.2, as a sum"),
    (sf.sum(X[i, a] * W_V[a, h, f], a), (h, i, f), r"XW_{V;h}", "Vaswani 2017, 3.2.2"),
    (gamma[k] * (x[k] - mu) / sigma + beta[k], (k,),
     r"\frac{\gamma \odot (x - \mu\mathbf{1})}{\sigma} + \beta", "Ba 2016, (4)"),
    ((x[k] - sf.mean(x[l], l)) / sf.sqrt(sf.mean((x[l] - sf.mean(x[j], (j, d))) ** 2, l) + eps) * gamma[k] + beta[k],
     (k,), r"\mathrm{LayerNorm}(x) \odot \gamma + \beta", "PyTorch, LayerNorm"),
    (x[k] / sf.sqrt(sf.mean(x[l] ** 2, l) + eps) * gamma[k], (k,), r"\mathrm{RMSNorm}(x) \odot \gamma", "Zhang 2019"),
    (sf.sum(grad[i, f] * O[i, f], f), (i,), r"\mathrm{rowsum}(dO \odot O)", "FlashAttention-2, algorithm 2"),
    (P[i, j] * (grad_p[i, j] - D[i]), (i, j), r"P \odot (dP - D\mathbf{1}^{\top})", "FlashAttention, appendix B"),
    (sf.sum(P[i, j] * grad[i, f], i), (j, f), r"P^{\top}\, dO", "FlashAttention, appendix B"),
    (sf.sum(grad[i, f] * V[j, f], f), (i, j), r"dO\, V^{\top}", "FlashAttention, appendix B"),
    (sf.exp(S[i, j] - m_[i]), (i, j), r"\exp(S - m\mathbf{1}^{\top})", "FlashAttention-2, algorithm 1"),
    (O[i, f] / L[i], (i, f), r"\mathrm{diag}(\ell)^{-1}O", "FlashAttention-2, algorithm 1"),
    (sf.max(S[i, j], j), (i,), r"\mathrm{rowmax}(S)", "FlashAttention-2, algorithm 1"),
    (x[k] * (sf.delta(k, l) - x[l]), (k, l), r"\mathrm{diag}(x)(I - \mathbf{1}x^{\top})", "softmax Jacobian"),
    (x[k] * sf.delta(k, l) - x[k] * x[l], (k, l), r"\mathrm{diag}(x) - xx^{\top}", "softmax Jacobian"),
    (sf.sqrt(sf.sum(x[k] ** 2, k)), (), r"\|x\|", "length"),
    (sf.sum(x[k] * y[k], k) / (sf.sqrt(sf.sum(x[k] ** 2, k)) * sf.sqrt(sf.sum(y[k] ** 2, k))), (),
     r"\frac{x^{\top}y}{\|x\|\|y\|}", "cosine"),
    (sf.sum(sf.sum(X[i, c] ** 2, c), i), (), r"\|X\|_{\mathrm{F}}^{2}", "Frobenius norm"),
    (sf.sum(sf.sum(grad[i, f] * O[i, f], f), i), (), r"\langle dO, O\rangle", "first order of the loss"),
    (sf.sum(X[i, a] * (W[a, f] + alpha / r * sf.sum(B[f, k] * A[k, a], k)), a), (i, f),
     r"X\left( W + \frac{\alpha}{r}A^{\top}B^{\top} \right)", "Hu 2021 (LoRA), in rows"),
    (sf.sum(sf.indicator(j, "≤", i) * sf.sum(Q[i, c] * K[j, c], c) * V[j, f], j), (i, f),
     r"\mathrm{tril}(QK^{\top})V", "Katharopoulos 2020, causal linear attention"),
    (sf.sum(X[i, c] * X[j, c], c) / n, (i, j), r"\frac{XX^{\top}}{n}", "Gram matrix"),
    (sf.delta(i, j) - 2 * D[i] * D[j] / sf.sum(D[k] ** 2, k), (i, j),
     r"I - \frac{2DD^{\top}}{\|D\|^{2}}", "Householder reflection"),
    (sf.log(sf.sum(sf.exp(x[k]), k)), (), r"\mathrm{logsumexp}(x)", "FlashAttention-2"),
    (sf.sum(sf.sum(x[a] * W[a, f], a) ** 2, f), (), r"\|W^{\top}x\|^{2}", "least squares"),
    (x[k] * sf.sigmoid(x[k]), (k,), r"x \odot \sigma(x)", "SiLU"),
    # Masks as factors, in cases, as a mask of the input, above a sum over the values.
    (sf.sum(seen(i, j, sf.exp(at(i, j))) / sf.sum(seen(i, k, sf.exp(at(i, k))), (k, m)) * V[j, f], j), (i, f),
     r"\mathrm{softmax}_{j \le i}\left( \frac{QK^{\top}}{\sqrt{d_{k}}} \right)V", "causal attention"),
    (sf.where(j <= i, sf.exp(S[i, j]), 0) / sf.sum(sf.where(k <= i, sf.exp(S[i, k]), 0), (k, m)), (i, j),
     r"\mathrm{softmax}_{j \le i}(S)", "causal attention, in cases"),
    (keep[i, j] * sf.exp(S[i, j]) / sf.sum(keep[i, k] * sf.exp(S[i, k]), k), (i, j),
     r"\mathrm{softmax}_{N}(S)", "attention under a mask"),
    (seen_at(i, j) * sf.exp(S[i, j]) / sf.sum(sf.exp(S[i, k]) * seen_at(i, k), k), (i, j),
     r"\mathrm{softmax}_{P \le 2}(S)", "Shazeer 2017 (top k), (3)"),
    (X[i, c] / sf.norm(X[i, a], a), (i, c), r"\mathrm{L2Norm}(X)", "nGPT, Norm"),
    (sf.sum(Q[i, c] * K[j, c], c) / (sf.norm(Q[i, c], c) * sf.norm(K[j, c], c)), (i, j),
     r"\mathrm{L2Norm}(Q)\mathrm{L2Norm}(K)^{\top}", "Swin v2, cosine of rows"),
    (sf.norm(X[i, c] - Q[i, c], c), (i,), r"\|X - Q\|_{\mathrm{row}}", "triplet loss"),
    (x[k] / sf.norm(x[l], l), (k,), r"\frac{x}{\|x\|}", "a vector over its length"),
    (sf.sum(C[i, k] * sf.sum(C[k, l] * C[l, j], l), k), (i, j), r"C^{3}", "a power of a matrix"),
    (sf.sum(C[i, k] * sf.sum(C[k, l] * X[l, c], l), k), (i, c), r"C^{2}X", "Newton–Schulz, Muon"),
    (sf.where(x[k] > 0, x[k], mu * (sf.exp(x[k]) - 1)), (k,),
     "\\begin{cases} x & \\text{if }x>0 \\\\ "
     r"\mu(\exp(x) - 1) & \text{otherwise} \end{cases}", "ELU, Clevert 2015, (15)"),
    (sf.minimum(x[k] * y[k], sf.clip(x[k], 1 - eps, 1 + eps) * y[k]), (k,),
     r"\min(x \odot y, \mathrm{clip}(x, 1 - \varepsilon, 1 + \varepsilon) \odot y)", "PPO, (7)"),
    (x[k] * sf.clip(x[k] + 3, 0, 6) / 6, (k,), r"\frac{x \odot \mathrm{clip}(x + 3, 0, 6)}{6}", "MobileNetV3, h-swish"),
    (sf.sum(sf.where(j <= i, S[i, j], 0) * V[j, f], j), (i, f), r"\mathrm{tril}(S)V", "RetNet, without decay"),
    (w[a] * sf.indicator(x[a], ">", 0), (a,), r"w \odot [x>0]", "the slope of relu"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "indices", "want", "paper"), PAPERS, ids=[f"{row[3]}: {row[2]}" for row in PAPERS])
def test_a_formula_is_printed_as_its_paper_prints_it(node, indices, want, paper):
    found = sure_form(node, Order(indices), Judge())
    assert found is not None, paper
    assert latex(found.box) == want
    kind = found.form.kind()
    assert [size is not None for size in kind] == [True] * len(indices[-2:]) + [False] * (2 - len(indices[-2:]))


def test_the_definition_of_a_head_is_a_matrix_for_each_head():
    """Both sides carry the label, also where it stands between row and column."""
    query = sf.define("q", (h, i, f), sf.sum(X[i, a] * W_V[a, h, f], a))
    back = sf.define("dW", (a, h, f), sf.sum(X[i, a] * head[h, i, f], i))
    rows = sf.define("D", (h, i), sf.sum(head[h, i, f] * head[h, i, f], f))
    found = [latex(definition_box(one, Judge())) for one in (query, back, rows)]
    assert found == [
        r"q_{h} = XW_{V;h}",
        r"dW_{h} = X^{\top}\, \mathrm{head}_{h}",
        r"D_{h} = \mathrm{rowsum}(\mathrm{head}_{h} \odot \mathrm{head}_{h})",
    ]


# Types. -------------------------------------------------------------------------------------------------------------

ILL_TYPED = {
    "sizes that do not meet": Product(Array(Q, ()), Array(K, ()), c, d),
    "a row for a column": Product(Transpose(Array(x, ())), Transpose(Array(x, ())), c, d),
    "a matrix for a vector in diag": Diagonal(Array(C, ())),
    "a sum of a matrix and its transpose's shape": Total(((Array(Q, ()), False), (Transpose(Array(Q, ())), False))),
    "a product entry by entry with a vector": Hadamard((Array(P, ()), Array(D, ()))),
    "a diagonal of another size": Rows(Diagonal(Array(x, ())), Array(P, ())),
    "an outer product of matrices": Outer(Array(Q, ()), Array(x, ())),
    "an inner product of vectors as matrices": Inner(Array(x, ()), Array(y, ()), (k, l)),
    "a length of a number": Norm(Product(Transpose(Array(x, ())), Array(y, ()), c, d), (k, l), True),
    "a softmax of a number": Softmax(Product(Transpose(Array(x, ())), Array(y, ()), c, d), k),
}


@pytest.mark.parametrize("form", ILL_TYPED.values(), ids=ILL_TYPED)
def test_what_is_ill_typed_is_said_so(form):
    with pytest.raises(IllTyped):
        form.kind()


def test_a_form_says_what_it_is():
    kinds = [recognise(node, indices).kind() for node, indices, *_ in (
        (sf.sum(x[k] * y[k], k), ()), (x[k], (k,)), (sf.sum(P[i, j], j), (i,)), (P[i, j], (j, i)))]  # fmt: skip
    assert list(map(str, kinds)) == ["scalar", "column vector d_k", "column vector n", "matrix m by n"]
    assert str(Transpose(Array(x, ())).kind()) == "row vector d_k"


MIXED = [
    (x[1] * y[k], (k,)),  # an entry beside a vector
    (sf.sum(X[i, c] * sf.diff(O[i, f], V[j, f]), i), (c, j)),  # an entry and the derivative of an entry
    (sf.sum(P[i, j] * V[j, f] * X[i, c], j), (i, f, c)),  # rows of matrices as if i were a head
    (P[i, j] * sf.sum(x[k], k), (i, j, l)),
]


@pytest.mark.parametrize(("node", "indices"), MIXED, ids=[str(row[0]) for row in MIXED])
def test_entries_are_not_mixed_with_matrices(node, indices):
    assert recognise(node, indices) is None


def test_a_form_that_says_something_else_is_not_printed(monkeypatch):
    """The comparison with the indices decides: a transpose that got lost is seen, also under a derivative."""
    honest, wrong = sf.sum(C[i, k] * C[l, k], k), recognise(sf.sum(C[i, k] * C[k, l], k), (i, l))
    monkeypatch.setattr("symformer.derivation.matrix_level.recognise", lambda *_: wrong)
    assert sure_form(honest, Order((i, l)), Judge()) is None
    Y = sf.define("Y", (i,), sf.sum(C[i, k] * D[k], k))
    turned = recognise(sf.diff(Y[l], D[i]), (l, i))
    monkeypatch.setattr("symformer.derivation.matrix_level.recognise", lambda *_: turned)
    assert sure_form(sf.diff(Y[i], D[l]), Order((i, l)), Judge()) is not None
    assert sure_form(sf.diff(Y[l], D[i]), Order((i, l)), Judge()) is None


# Pages. -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages():
    """Every page of the book, not judged, with what its indices and tensors are called."""
    out = {}
    for row in sf.contents():
        derivation = sf.load(row.slug)
        shown = [*(one.written for one in derivation.where if isinstance(one.origin, Definition)),
                 *(line.formula for line in derivation.lines)]  # fmt: skip
        tensors = reachable(*derivation.tensors())
        known = frozenset().union(*(leaf_names(tensor.box) for tensor in tensors)) if tensors else frozenset()
        whole = frozenset(name_box(size.name) for size in derivation.sizes)
        out[row.slug] = derivation.page(judged=False), index_names(shown) - known, whole
    return out


SLUGS = [row.slug for row in sf.contents()]


def labels_of(box):
    """What sums over labels, such as heads, run over."""
    found = set()
    transform(box, lambda part: found.update(leaf_names(part.under)) if isinstance(part, Big) else None)
    return found


@pytest.mark.parametrize("slug", SLUGS)
def test_a_chain_is_in_matrices_as_a_whole_or_not_at_all(pages, slug):
    """In a chain in matrices no letter stands but labels, the same on every line; other chains are in indices."""
    page, letters, sizes = pages[slug]
    for chain in page.chains:
        assert all(line.formula.matrix is None for line in chain.lines)
        assert len(chain.matrix) != 1
        if chain.matrix:
            assert chain.matrix[0].number == chain.lines[0].number
            last = [line.number for line in chain.lines if line.relation != "≠"][-1]
            shown = [line.formula.matrix for line in chain.matrix]
            labels = leaf_names(shown[0], sizes) & letters - labels_of(shown[0])
            assert all(leaf_names(box, sizes) & letters - labels_of(box) <= labels for box in shown)
            assert chain.matrix[-1].number <= last or chain.matrix[-1].relation == "≠"


@pytest.mark.parametrize("slug", SLUGS)
def test_reasons_in_matrices_name_no_index_that_is_not_there(pages, slug):
    page, letters, sizes = pages[slug]
    defined = [formula.matrix for formula in page.where if formula.matrix is not None]
    labels = frozenset().union(*(leaf_names(box, sizes) for box in defined))
    for chain in page.chains:
        for line in chain.matrix:
            words = [part for part in line.reason if isinstance(part, Box)]
            named = frozenset().union(*(leaf_names(part, sizes) for part in words))
            assert named & letters <= labels | leaf_names(line.formula.matrix), (line.number, line.reason)


@pytest.mark.parametrize("slug", SLUGS)
def test_text_latex_markdown_and_html_have_the_same_lines(pages, slug):
    page, *_ = pages[slug]
    texts = terminal(page, "matrix"), tex(page, "matrix"), markdown(page, "matrix"), unlit(web_page(page, "matrix"))
    for chain in page.chains:
        for line in chain.at("matrix"):
            box = line.formula.at("matrix")
            for written, emit in zip(texts, (text, latex, latex, mathml), strict=True):
                assert inner(emit(box)) in written, (line.number, emit(box))


def inner(markup):
    """MathML without the outermost tag, which says how it is set; anything else as it is."""
    return unlit(re.sub(r"^<math[^>]*>|</math>$", "", markup))


def unlit(markup):
    """Without the classes by which a page lights its symbols up."""
    return re.sub(r' class="[^"]*"', "", markup)
