"""From a Python name (`W_Q`, `x_hat`, `mu`) to the box that a mathematician would write."""

from __future__ import annotations

from symformer.typeset.boxes import Accent, Box, Named, Number, Row, Script, Sign, row

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ",
    "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "ell": "ℓ",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ",
    "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

ACCENTS = ("hat", "tilde", "bar", "dot")


def name_box(name: str) -> Box:
    """The box of a name: `W_Q` has a subscript, `x_hat` an accent, `k'` a prime, `dV` and `dgamma` read dV and dγ."""
    stem = name.rstrip("'")
    primes = len(name) - len(stem)
    if not all(stem.split("_")):  # `_x`, `x_`, `__class__`: as it is spelled, since x would be another name
        return Script(Named(stem, upright=True), None, Named("′" * primes)) if primes else Named(stem, upright=True)
    head, *rest = stem.split("_")
    cotangent = _is_cotangent(head)
    box = _word(head[1:] if cotangent else head)
    while rest and rest[0] in ACCENTS:
        box = Accent(rest.pop(0), box)
    box = _after_d(box) if cotangent else box
    sub = _words(rest) if rest else None
    prime = Named("′" * primes) if primes else None
    return Script(box, sub, prime) if sub or prime else box


def _words(parts: list[str]) -> Box:
    """`W_Q_enc` has two subscripts, W with Q and enc."""
    if len(parts) == 1:
        return _word(parts[0])  # no row, as indices are: x_ij is a name, x_{ij} an entry of x
    return row(*[item for part in parts for item in (Sign(","), _word(part))][1:])


def is_cotangent(name: str) -> bool:
    """Whether a name reads as a gradient: `dV`, `dW_Q`, `dx'`, whose box has a d in front."""
    return _is_cotangent(name.rstrip("'").split("_")[0])


def _is_cotangent(head: str) -> bool:
    """Whether it is a d in front of a letter: `dV`, `dx`, `dgamma`, `dv2`."""
    stem = head[1:].rstrip("0123456789")
    return head[:1] == "d" and (stem in GREEK or (len(stem) == 1 and stem.isalpha()))


def _after_d(box: Box) -> Box:
    """d in front of a letter, under one subscript with it."""
    if isinstance(box, Script):
        return Script(_after_d(box.base), box.sub, box.sup)
    return Named("d" + box.text) if isinstance(box, Named) else Row((Named("d"), box))


def _word(text: str) -> Box:
    if text in GREEK:
        return Named(GREEK[text])
    if text.isdigit():
        return Number(text)
    if len(text) == 1:
        return Named(text)
    stem = text.rstrip("0123456789")
    if stem != text and (len(stem) == 1 or stem in GREEK):
        return Script(_word(stem), Number(text[len(stem) :]))
    return Named(text, upright=True)
