"""One letter has one meaning on a page."""

import pytest
from meanings import clashes

import symformer as sf

SLUGS = [row.slug for row in sf.contents()]

# Tensors that may share a name on a page, and why. A size, an index or a function never shares its letter.
SHARED = {
    "stable-forms": ("m u Z P S", "each line says under `where` what its own abbreviations are"),
    "three-transformers": (
        "X_0 X_dec X Y Z P R_1 R_2 N_1 N_2 N_f F",
        "three programs, each under its own caption; Phuong & Hutter write X, Z and P in all three",
    ),
    "attention-is-all-you-need": (
        "X Y R_1 R_2 N_1 N_2 F",
        "what stands inside a layer is the layer's own: encoder and decoder are alike up to what they attend to",
    ),
}


def allowed(slug, name, found):
    return {one.kind for one in found} == {"tensor"} and name in SHARED.get(slug, ("",))[0].split()


@pytest.mark.parametrize("slug", SLUGS)
def test_one_letter_has_one_meaning(slug):
    two = {name: sorted(found) for name, found in clashes(sf.load(slug)).items() if not allowed(slug, name, found)}
    assert two == {}


@pytest.mark.parametrize("slug", SHARED)
def test_what_is_allowed_is_needed(slug):
    assert set(clashes(sf.load(slug))) == set(SHARED[slug][0].split())


N, M = sf.sizes("n m")
I, C, E = sf.indices("i c e")
X, W, A = sf.tensor("x", N), sf.tensor("W", M, N), sf.tensor("A", N, N)


def chains(*formulas):
    """A page of one chain for each formula."""
    return sf.Derivation("A page", calc=tuple(sf.begin(formula, "why") for formula in formulas))


@pytest.mark.parametrize(
    ("formulas", "name", "kinds"),
    [
        ((W[1, 1], sf.scalar("m")), "m", {"size", "tensor"}),
        ((sf.sum(A[I, C], C), sf.scalar("c")), "c", {"index", "tensor"}),
        ((sf.sum(A[I, C], C), sf.tensor("c_2", N)[I]), "c", {"index", "subscripted"}),
        ((W[1, 1], A[I, sf.indices("m")]), "m", {"index", "size"}),
        ((sf.tensor("A", M)[1], A[1, 1]), "A", {"tensor"}),
        ((sf.define("y", I, X[I])[1], sf.define("y", I, 2 * X[I])[1]), "y", {"tensor"}),
        ((sf.exp(X[E]),), "e", {"index", "sign"}),
        ((sf.sigmoid(X[I]), sf.scalar("sigma")), "σ", {"function", "tensor"}),
    ],
)
def test_a_second_meaning_is_found(formulas, name, kinds):
    found = clashes(chains(*formulas))
    assert set(found) == {name} and {one.kind for one in found[name]} == kinds


def users_program():
    """Ops whose definitions have a tensor c, g and a, and indices of these letters."""
    n, d, f = sf.sizes("n d f")
    x, gate, up, down = sf.tensor("x", n, d), sf.tensor("p", d, f), sf.tensor("q", d, f), sf.tensor("r", f, d)
    return sf.swiglu(sf.layer_norm(x, name="y"), gate, up, down, name="z")


@pytest.mark.parametrize("derive", [sf.gradient, lambda z: sf.jacobian(z, "x")])
def test_a_derived_page_keeps_letters_apart(derive):
    assert clashes(derive(users_program()).derivation) == {}


def test_letters_that_are_free_stay():
    n, i, j = sf.sizes("n"), *sf.indices("i j")
    x = sf.tensor("x", n)
    y = sf.define("y", i, x[i] * sf.sum(x[j], j))
    assert str(sf.gradient(y).derivation.where[0]) == "y_i = x_i Σ_j x_j"


def test_a_program_under_other_names():
    i, n = sf.indices("i"), sf.sizes("n")
    source = sf.program(sf.define("y", i, 2 * sf.tensor("v", n)[i]))
    assert str(source.renamed({"v": "x", "y": "z", "n": "N"})) == "z_i = 2 x_i"
    assert [size.name for size in source.renamed({"n": "N"}).sizes] == ["N"]
    with pytest.raises(sf.NotationError, match="nothing in the program is called w"):
        source.renamed({"w": "x"})
    with pytest.raises(sf.NotationError, match="two different tensors are called y"):
        source.renamed({"v": "y"})
