"""What PPO's clip does to the gradient.

PPO maximises the smaller of two numbers: the ratio of new and old probability times the advantage, and the same with the ratio clipped to 1 ± ε. Where the
clipped one is smaller the gradient is 0: a good action whose probability has grown enough, or a bad one whose probability has fallen enough, is left alone.
Only moves in the wrong direction are always corrected.
"""

from symformer import Curves, Derivation, begin, clip, define, diff, exp, indicator, maximum, minimum, scalar, wrong

p, q = scalar("p"), scalar("q")
a, epsilon = scalar("a", kind="positive"), scalar("epsilon", kind="unit")

r = define("r", (), exp(p - q))
J = define("J", (), minimum(r[()] * a, clip(r[()], 1 - epsilon, 1 + epsilon) * a))
B = define("B", (), minimum(-r[()] * a, -clip(r[()], 1 - epsilon, 1 + epsilon) * a))
G = define("G", (), minimum(r[()], 1 + epsilon) * a)
H = define("H", (), -maximum(r[()], 1 - epsilon) * a)

derivation = Derivation(
    __doc__,
    given=(
        p.tensor, q.tensor, a.tensor, epsilon.tensor,
        "p and q are the log-probabilities of an action under the new and the old policy; J is the objective where the advantage is a > 0, and B where it is −a",
    ),
    where=(r, J, B, G, H),
    calc=(
        begin(J[()], "the objective of a good action", "A good action"),
        wrong(clip(r[()], 1 - epsilon, 1 + epsilon) * a, "as if the ratio were simply clipped"),
        (G[()], "the lower end never matters: below it, the unclipped ratio is the smaller one"),
        begin(diff(G[()], p), "its gradient in the new log-probability", "Its gradient"),
        (indicator(r[()], "≤", 1 + epsilon) * r[()] * a, "0 once the ratio has reached 1 + ε; before, the ratio times the advantage"),
        begin(B[()], "the objective of a bad action", "A bad action"),
        (H[()], "here the upper end never matters"),
        begin(diff(H[()], p), "its gradient in the new log-probability", "Its gradient"),
        (-indicator(r[()], "≥", 1 - epsilon) * r[()] * a, "0 once the ratio has fallen to 1 − ε"),
    ),
    notes=("At the first step after sampling p = q, so the ratio is 1, nothing is clipped, and the gradient is that of the advantage times the log-probability.",),
    reference="Schulman et al. 2017, arXiv:1707.06347, equation 7.",
    pictures=(Curves(J, "The clipped objective for a positive advantage: flat once the ratio is above 1 + ε", "p", (-2, 1), "new log probability p", "objective"),),
    example={"p": 0, "q": -1, "a": 1, "epsilon": "1/5"},
)  # fmt: skip
