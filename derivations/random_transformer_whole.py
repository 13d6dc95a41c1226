"""The Random Transformer, whole: from two words to a sentence.

The worked example goes on where its post stops printing numbers: feed-forward blocks, a second encoder block, two decoder
blocks with a causal mask and a look back at the encoder, a linear layer over ten words, and the word with the largest
probability. The post drew its later weights at random and never showed them; here they are −1, 0 and 1, drawn with a seed.

The decoder is given what it has written so far, beginning with SOS. B counts the words with a larger score, and each row
of G marks the one that has none above it, the word that greedy decoding takes next; the mask lets no row see later words,
so the rows are the steps of decoding one after the other.
"""

from symformer import Derivation, define, delta, exp, indicator, indices, mean, relu, sizes, sqrt, sum, tensor

n, m, V, d, d_k, d_ff, H, L = sizes("n m V d d_k d_ff H L")
h, i, j, k, a, b, c, f, v, w = indices("h i j k a b c f v w")
WORDS = ("hello", "mundo", "world", "how", "?", "EOS", "SOS", "a", "hola", "c")

source, target = tensor("source", n, kind="integer", upper=V), tensor("target", m, kind="integer", upper=V)
E, PE_n, PE_m = tensor("E", V, d), tensor("PE_n", n, d), tensor("PE_m", m, d)
U, b_U = tensor("U", d, V), tensor("b_U", V)


def weights(mark):
    """The stacks of queries, keys, values and output of one kind of attention, block by block."""
    shapes = {"Q": (L, H, d, d_k), "K": (L, H, d, d_k), "V": (L, H, d, d_k), "O": (L, H, d_k, d)}
    return {letter: tensor(f"W_{letter}{mark}", *shape) for letter, shape in shapes.items()}


def network(mark):
    """The stacks of the feed-forward blocks of one side."""
    shapes = {"W_1": (L, d, d_ff), "b_1": (L, d_ff), "W_2": (L, d_ff, d), "b_2": (L, d)}
    return {letter: tensor(f"{letter}{mark}", *shape) for letter, shape in shapes.items()}


reads, writes, looks = weights("_E"), weights("_D"), weights("_X")
feeds_E, feeds_D = network("_E"), network("_D")
steps = []


def step(name, letters, body):
    """A definition that the page shows."""
    steps.append(define(name, letters, body))
    return steps[-1]


def attend(mark, block, x, z, own, causal=False):
    """What x finds in z: heads, their weights, and what they write."""
    Q = step(f"Q_{mark}", (h, i, c), sum(x[i, a] * own["Q"][block, h, a, c], a))
    K = step(f"K_{mark}", (h, j, c), sum(z[j, a] * own["K"][block, h, a, c], a))
    values = step(f"V_{mark}", (h, j, c), sum(z[j, a] * own["V"][block, h, a, c], a))
    S = step(f"S_{mark}", (h, i, j), sum(Q[h, i, c] * K[h, j, c], c) / sqrt(d_k))

    def share(key):
        return indicator(key, "≤", i) * exp(S[h, i, key]) if causal else exp(S[h, i, key])

    A = step(f"A_{mark}", (h, i, j), share(j) / sum(share(k), k))
    O = step(f"O_{mark}", (h, i, c), sum(A[h, i, j] * values[h, j, c], j))
    return step(f"Z_{mark}", (i, a), sum(sum(O[h, i, c] * own["O"][block, h, c, a], c), h))


def added(mark, x, y):
    """The sum of x and y, normalised row by row."""
    R = step(f"R_{mark}", (i, a), x[i, a] + y[i, a])
    mu = step(f"mu_{mark}", i, mean(R[i, b], b))
    sigma = step(f"sigma_{mark}", i, sqrt(mean((R[i, b] - mu[i]) ** 2, b)))
    return step(f"N_{mark}", (i, a), (R[i, a] - mu[i]) / (sigma[i] + 0.000001))


def feed(mark, block, x, own):
    """The feed-forward block."""
    T = step(f"T_{mark}", (i, f), relu(sum(x[i, a] * own["W_1"][block, a, f], a) + own["b_1"][block, f]))
    return step(f"F_{mark}", (i, a), sum(T[i, f] * own["W_2"][block, f, a], f) + own["b_2"][block, a])


steps.append("The words that are read, with their places.")
X = step("X", (i, a), E[source[i], a] + PE_n[i, a])
for block in (1, 2):
    steps.append(f"Block {block} of the encoder: attention, sum, network, sum.")
    X = added(f"E{block}a", X, attend(f"E{block}", block, X, X, reads))
    X = added(f"E{block}b", X, feed(f"E{block}", block, X, feeds_E))

steps.append("The words that are written, with their places.")
Y = step("Y", (i, a), E[target[i], a] + PE_m[i, a])
for block in (1, 2):
    steps.append(
        f"Block {block} of the decoder: attention to what was written, then to what was read, then the network."
    )
    Y = added(f"D{block}a", Y, attend(f"D{block}", block, Y, Y, writes, causal=True))
    Y = added(f"D{block}b", Y, attend(f"X{block}", block, Y, X, looks))
    Y = added(f"D{block}c", Y, feed(f"D{block}", block, Y, feeds_D))

steps.append("From rows to words: scores, their shares, and the word that greedy decoding takes.")
logits = step("logits", (i, v), sum(Y[i, a] * U[a, v], a) + b_U[v])
P = step("P", (i, v), exp(logits[i, v]) / sum(exp(logits[i, w]), w))
ahead = step("B", (i, v), sum(indicator(logits[i, w] - delta(v, w), ">", logits[i, v]), w))
G = step("G", (i, v), indicator(ahead[i, v], "=", 0))


def drawn(seed, *shape):
    """Nested lists of −1, 0 and 1 from a linear congruential generator, the same everywhere."""

    def numbers():
        state = 7919 * seed
        while True:
            state = (1103515245 * state + 12345) % 2**31
            yield state // 2**16 % 3 - 1

    def nested(source, sides):
        return next(source) if not sides else [nested(source, sides[1:]) for _ in range(sides[0])]

    return nested(numbers(), shape)


stacks = [*reads.values(), *writes.values(), *looks.values(), *feeds_E.values(), *feeds_D.values()]
SEED = 1509
AT = {n: 2, m: 3, V: 10, d: 4, d_k: 3, d_ff: 8, H: 2, L: 2}

derivation = Derivation(
    __doc__,
    given=(
        source, target, E, PE_n, PE_m, *stacks, U, b_U,
        "E marks the encoder, D the decoder, X its look back at the encoder; 1 and 2 are blocks, a, b and c the sums in them",
        "the ten words, by number: " + ", ".join(f"{place + 1} “{word}”" for place, word in enumerate(WORDS)),
    ),
    where=tuple(steps),
    reference=(
        "Omar Sanseviero, The Random Transformer, 2024, "
        "https://osanseviero.github.io/hackerllama/blog/posts/random_transformer/, cells 45 to 106."
    ),
    notes=(
        "From cell 57 on the post's numbers overflow; with layer norm after each sum, as here, they do not.",
        "Your own tokens and weights: a file with all that stands under Given, by `symformer show random-transformer-whole "
        "--at mine.json`. After a step, put the word that G marks behind the target, and show the page again.",
    ),
    decimals=4,
    example={
        "source": [1, 3],
        "target": [7, 9, 9],
        "PE_n": [[0, 1, 0, 1], [0.84, 0.54, 0.01, 1]],
        "PE_m": [[0, 1, 0, 1], [0.84, 0.54, 0.01, 1], [0.91, -0.42, 0.02, 1]],
        **{one.name: drawn(SEED + place, *(AT[size] for size in one.shape)) for place, one in enumerate((E, *stacks, U, b_U))},
    },
)  # fmt: skip
