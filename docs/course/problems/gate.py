"""The derivative of a gate.

One step of this derivation is wrong, and what follows is right only if it were right. Which is it?
"""

from symformer import Derivation, begin, define, diff, exp, scalar

x = scalar("x")
s = define("s", (), 1 / (1 + exp(-x)))

derivation = Derivation(
    __doc__,
    calc=(
        begin(diff(x * s[()], x), "the derivative of SiLU"),
        (s[()] + x * diff(s[()], x), "product rule"),
        (s[()] + x * s[()] * (1 + s[()]), "the derivative of the sigmoid"),
        (s[()] * (1 + x * (1 + s[()])), "factor out s"),
    ),
)  # fmt: skip
