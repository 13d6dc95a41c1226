"""An all-reduce is a reduce-scatter and an all-gather.

Each of k devices has a tensor, and all need the sum. First let each device have the sum of one piece; then let all have all pieces.
In a ring each half takes k − 1 steps, in which every device sends one piece. So sequence parallelism, which puts other work between
the two halves, sends no more than tensor parallelism alone.
"""

from symformer import Derivation, FormulaCurves, begin, define, delta, indices, lift, sizes, sum, tensor

k, s, m, M, n, d, b = sizes("k s m M n d b")
r, i, u, g = indices("r i u g")
X = tensor("X", k, m)
piece, place = tensor("piece", m, kind="integer", upper=k), tensor("place", m, kind="integer", upper=s)

Y = define("Y", (i,), sum(X[r, i], r))
S = define("S", ((u, k), (g, s)), sum(sum(delta(piece[i], u) * delta(place[i], g) * X[r, i], i), r))
G = define("G", (i,), sum(sum(delta(piece[i], u) * delta(place[i], g) * Y[i], (g, s)), (u, k)))
one = (lift(k) - 1) * (lift(M) / k)
stream = 2 * lift(b) * n * d

derivation = Derivation(
    __doc__,
    given=(
        X, piece, place,
        "X has one row for each device; entry i lies in piece[i], there at place[i]. M are the bytes of a row, k the devices",
    ),
    where=(Y, S, G),
    calc=(
        begin(S[u, g], "a reduce-scatter: device u has the sums of its piece", "The first half"),
        (sum(delta(piece[i], u) * delta(place[i], g) * sum(X[r, i], r), i), "exchange the sums; what does not depend on r comes out"),
        (sum(delta(piece[i], u) * delta(place[i], g) * Y[i], i), "definition of Y: they are entries of the whole sum"),
        begin(G[i], "an all-gather: entry i comes from the device that has its piece", "The second half"),
        (Y[i], "only the term u = piece[i], g = place[i] remains: the all-reduce"),
        begin(one, "a reduce-scatter: k − 1 steps, each with one of k pieces", "Bytes that a device sends"),
        (lift(M) - lift(M) / k, "all but its own piece; an all-gather sends as many"),
        begin(one + one, "both halves", "The whole"),
        (2 * lift(M) * (lift(k) - 1) / k, "an all-reduce"),
        begin(4 * (2 * stream * (lift(k) - 1) / k), "tensor parallelism: two all-reduces of the stream forward and two backward, in bfloat16", "A layer"),
        (8 * (stream * (lift(k) - 1) / k), "sequence parallelism: four reduce-scatters and four all-gathers: as many bytes"),
    ),
    notes=(
        "What was gathered to be multiplied with a matrix is kept cut, and gathered once more for the gradient of the matrix: two all-gathers a layer that the last line leaves out.",
    ),
    reference="Patarasuk & Yuan 2009; Korthikanti et al. 2022, arXiv:2205.05198, section 4.2.2.",
    pictures=(FormulaCurves({"all-reduce": 2 * (lift(k) - 1) / k, "each half": (lift(k) - 1) / lift(k)}, "What a device sends, in the bytes of its row: never twice as much", "k", [1, 2, 3, 4, 6, 8, 12, 16, 24, 32], "devices k", "rows"),),
)  # fmt: skip
