"""The learning rate schedule of Vaswani et al.

The rate rises in proportion to the step for w steps, then falls like one over the root of the step. Both branches meet at t = w, where the rate is largest:
one over the root of d w. So a longer warm-up lowers the peak, and so does a wider model.
"""

from symformer import Curves, Derivation, begin, define, diff, minimum, scalar, sqrt, wrong

t, w, d = (scalar(name, kind="positive") for name in ("t", "w", "d"))

eta = define("eta", (), minimum(1 / sqrt(t), t / (w * sqrt(w))) / sqrt(d))
u = define("u", (), t / (w * sqrt(w)) / sqrt(d))
v = define("v", (), 1 / sqrt(t) / sqrt(d))

derivation = Derivation(
    __doc__,
    given=(t.tensor, w.tensor, d.tensor, "t is the step, w the number of warm-up steps, d the width of the model; u and v are the two branches"),
    where=(eta, u, v),
    calc=(
        begin(u[()] / v[()], "the rising branch over the falling one", "Where they meet"),
        ((t / w) * sqrt(t / w), "d cancels: below 1 before t = w, so the minimum is the rising branch there, and the falling one after"),
        begin(minimum(1 / sqrt(w), w / (w * sqrt(w))) / sqrt(d), "the rate at t = w", "The peak"),
        (1 / sqrt(w) / sqrt(d), "both branches are the same"),
        wrong(1 / (sqrt(w) * d), "with the width itself in place of its root"),
        (1 / sqrt(d * w), "a product of roots: 7 · 10⁻⁴ for d = 512 and w = 4000"),
        begin(diff(u[()], t), "how fast the rate rises", "Before the peak"),
        (u[()] / t, "linear in t"),
        begin(diff(v[()], t), "how fast it falls", "After the peak"),
        (-v[()] / (2 * t), "a power of −½"),
    ),
    reference="Vaswani et al. 2017, arXiv:1706.03762, equation 3.",
    example={"t": 4, "w": 4, "d": 16},
    pictures=(Curves(eta, "The rate for w = 4 and d = 16", "t", ["1/2", 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20], "step t", "learning rate"),),
)  # fmt: skip
