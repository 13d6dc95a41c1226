"""Rotary positions for longer contexts.

A model that was trained on short texts can be given longer ones by turning more slowly. Dividing all positions by s slows every frequency, also the fast ones that tell neighbours apart. A larger base slows each
frequency by a power of its own: chosen right, the fastest stays as it was, and the slowest becomes exactly s times slower.
"""

from symformer import Curves, Derivation, begin, define, exp, log, scalar, wrong

b, s, h, y = (scalar(name, kind="positive") for name in ("b", "s", "h", "y"))

omega = define("omega", (), exp(-y * log(b)))
c = define("c", (), log(b) + h * log(s))
rho = define("rho", (), exp(-y * c[()]))

derivation = Derivation(
    __doc__,
    given=(
        b.tensor, s.tensor, h.tensor, y.tensor,
        "b is the base; in a head of width d pair i of features has y = 2i/d, from 0 to (d − 2)/d, which is 1/h; ω is its frequency",
        "c is the logarithm of the new base, b times s to the power h, and ρ the frequency with it",
    ),
    where=(omega, c, rho),
    calc=(
        begin(rho[()], "a frequency with the new base", "Each at a rate of its own"),
        (omega[()] * exp(-y * h * log(s)), "the exponents add up: slower by a power of s"),
        begin(exp(0 * c[()]), "the fastest, y = 0", "The fastest"),
        (1, "as it was: neighbours stay apart"),
        begin(exp(-c[()] / h), "the slowest, y = 1/h", "The slowest"),
        (exp(-log(b) / h) * exp(-log(s)), "h cancels in the second exponent"),
        wrong(exp(-log(b) / h), "as it was"),
        (exp(-log(b) / h) / s, "exp undoes log: s times slower, as with all positions divided by s"),
    ),
    reference="bloc97 2023, NTK-aware scaled RoPE; Peng et al. 2023 (YaRN), arXiv:2309.00071, definition 1.",
    example={"b": 10000, "s": 4, "h": "64/63", "y": "1/2"},
    pictures=(Curves((omega, rho), "Frequencies before and after the base grows: the fastest stays as it was", "y", ("1/100", "1"), "pair y", "frequency"),),
)  # fmt: skip
