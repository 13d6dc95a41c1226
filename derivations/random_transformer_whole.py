"""The Random Transformer, whole: from two words to a sentence.

Two words are read by an encoder of two layers; a decoder of two layers writes a sentence, one word at a time. Everything
is small enough to check on paper: rows of four numbers, two heads, ten words. It is the worked example of Omar
Sanseviero's post, and begins with its numbers: the first layer of the encoder has the post's words, positions and
weights, and what the post prints stands beside what is computed here. The post drew its other weights at random and did
not print them; here they are −1, 0 and 1, drawn with a seed, and nobody has trained them.

The decoder is given what has been written so far, beginning with SOS. Each row of P says how likely each word is to come
next, and the last line names the likeliest. The causal mask lets no row see a later word, so the rows are the steps of
writing, one after the other.
"""

from symformer import (
    Derivation,
    Printed,
    define,
    delta,
    every_layer,
    exp,
    indicator,
    indices,
    mean,
    relu,
    repeat,
    sizes,
    softmax,
    sqrt,
    sum,
    tensor,
)

n, m, V, d, d_k, d_ff, H, L = sizes("n m V d d_k d_ff H L")
h, i, j, k, a, g, c, f, v, w, ell = indices("h i j k a g c f v w ell")
WORDS = ("hello", "mundo", "world", "how", "?", "EOS", "SOS", "a", "hola", "c")

source, target = tensor("source", n, kind="integer", upper=V), tensor("target", m, kind="integer", upper=V)
E, PE_n, PE_m = tensor("E", V, d), tensor("PE_n", n, d), tensor("PE_m", m, d)
t, U, b_U = tensor("t", L, kind="positive"), tensor("U", d, V), tensor("b_U", V)


def weights(mark):
    """The stacks of queries, keys, values and output of one kind of attention, layer by layer."""
    shapes = {"Q": (L, H, d, d_k), "K": (L, H, d, d_k), "V": (L, H, d, d_k), "O": (L, H, d_k, d)}
    return {letter: tensor(f"W_{letter}_{mark}", *shape) for letter, shape in shapes.items()}


def network(mark):
    """The stacks of the feed-forward networks of one side."""
    shapes = {"W_1": (L, d, d_ff), "b_1": (L, d_ff), "W_2": (L, d_ff, d), "b_2": (L, d)}
    return {letter: tensor(f"{letter}_{mark}", *shape) for letter, shape in shapes.items()}


def of_one_layer(stacks):
    """What one layer has of every stack."""
    return {name: tensor(f"{stack.name}_ell", *stack.shape[1:]) for name, stack in stacks.items()}


steps = []


def step(name, letters, body):
    """A definition that the page shows."""
    steps.append(define(name, letters, body))
    return steps[-1]


def attend(mark, x, z, own, divisor, causal=False):
    """What the tokens x take from the tokens z: scores, attention weights, and the sum over heads."""
    Q = step(f"Q_{mark}", (h, i, c), sum(x[i, a] * own["Q"][h, a, c], a))
    K = step(f"K_{mark}", (h, j, c), sum(z[j, a] * own["K"][h, a, c], a))
    values = step(f"V_{mark}", (h, j, c), sum(z[j, a] * own["V"][h, a, c], a))
    S = step(f"S_{mark}", (h, i, j), sum(Q[h, i, c] * K[h, j, c], c))
    T = step(f"T_{mark}", (h, i, j), S[h, i, j] / divisor)
    if causal:
        seen = indicator(j, "≤", i) * exp(T[h, i, j])
        A = step(f"A_{mark}", (h, i, j), seen / sum(indicator(k, "≤", i) * exp(T[h, i, k]), k))
    else:
        A = softmax(T, name=f"A_{mark}")
        steps.append(A)
    O = step(f"O_{mark}", (h, i, c), sum(A[h, i, j] * values[h, j, c], j))
    return step(f"Z_{mark}", (i, a), sum(sum(O[h, i, c] * own["O"][h, c, a], c), h))


def added(mark, x, y):
    """The sum of x and y, normalised row by row."""
    R = step(f"R_{mark}", (i, a), x[i, a] + y[i, a])
    mu = step(f"mu_{mark}", i, mean(R[i, g], g))
    sigma = step(f"sigma_{mark}", i, sqrt(mean((R[i, g] - mu[i]) ** 2, g)))
    return step(f"N_{mark}", (i, a), (R[i, a] - mu[i]) / (sigma[i] + 0.000001))


def feed(mark, x, own):
    """The feed-forward network."""
    inner = step(f"C_{mark}", (i, f), relu(sum(x[i, a] * own["W_1"][a, f], a) + own["b_1"][f]))
    return step(f"F_{mark}", (i, a), sum(inner[i, f] * own["W_2"][f, a], f) + own["b_2"][a])


reads, writes, looks = weights("E"), weights("D"), weights("X")
feeds_E, feeds_D = network("E"), network("D")

steps.append("The words that are read, with their positions.")
X = step("X", (i, a), E[source[i], a] + PE_n[i, a])

x, t_ell = tensor("x", n, d), tensor("t_ell", kind="positive")
heads_E, own_E = of_one_layer(reads), of_one_layer(feeds_E)
steps.append("attention, what each word takes from each word.")
Z_E = attend("E", x, x, heads_E, sqrt(t_ell[()]))
steps.append("sum and layer norm.")
N_Ea = added("Ea", x, Z_E)
steps.append("feed-forward network.")
F_E = feed("E", N_Ea, own_E)
steps.append("sum and layer norm again.")
N_Eb = added("Eb", N_Ea, F_E)
stacks_E = {t_ell: t, **{heads_E[one]: reads[one] for one in reads}, **{own_E[one]: feeds_E[one] for one in feeds_E}}
X_E = repeat(N_Eb, (ell, L), {x: X}, stacks_E, name="X_E", title="Encoder")
steps += ["The output of the encoder.", X_E]

S_E, V_E = (every_layer(X_E, next(s for s in steps if getattr(s, "name", "") == name), name) for name in ("S_E", "V_E"))
steps.append("Aside: the first layer of the encoder with the divisor √d_k, which the post tries first.")
T_prime = step("T'", (h, i, j), S_E[1, h, i, j] / sqrt(d_k))
A_prime = softmax(T_prime, name="A'")
steps.append(A_prime)
O_prime = step("O'", (h, i, c), sum(A_prime[h, i, j] * V_E[1, h, j, c], j))

steps.append("The words that are written, with their positions.")
Y = step("Y", (i, a), E[target[i], a] + PE_m[i, a])

y, memory = tensor("y", m, d), tensor("X_E", n, d)
heads_D, heads_X, own_D = of_one_layer(writes), of_one_layer(looks), of_one_layer(feeds_D)
steps.append("attention to what was written, with the causal mask.")
Z_D = attend("D", y, y, heads_D, sqrt(d_k), causal=True)
steps.append("sum and layer norm.")
N_Da = added("Da", y, Z_D)
steps.append("attention to what the encoder has read.")
Z_X = attend("X", N_Da, memory, heads_X, sqrt(d_k))
steps.append("sum and layer norm again.")
N_Db = added("Db", N_Da, Z_X)
steps.append("feed-forward network.")
F_D = feed("D", N_Db, own_D)
steps.append("sum and layer norm for the last time.")
N_Dc = added("Dc", N_Db, F_D)
stacks_D = {
    **{heads_D[one]: writes[one] for one in writes},
    **{heads_X[one]: looks[one] for one in looks},
    **{own_D[one]: feeds_D[one] for one in feeds_D},
}
Y_D = repeat(N_Dc, (ell, L), {y: Y}, stacks_D, {memory: X_E}, name="Y_D", title="Decoder")
steps += ["The output of the decoder.", Y_D]

steps.append("From rows to words: scores, probabilities, and the likeliest word.")
logits = step("logits", (i, v), sum(Y_D[i, a] * U[a, v], a) + b_U[v])
P = softmax(logits, name="P")
steps.append(P)
ahead = step("B", (i, v), sum(indicator(logits[i, w] - delta(v, w), ">", logits[i, v]), w))
G = step("G", (i, v), indicator(ahead[i, v], "=", 0))
best = step("next", i, sum(v * G[i, v], v))


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


# The post's weights, cells 4 to 13 and 42: its two heads of the first layer.
POST = {
    "W_Q_E": [[[0, 0, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0]], [[1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 1]]],
    "W_K_E": [[[1, 0, 1], [0, 1, 0], [1, 0, 1], [0, 1, 0]], [[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 1, 0]]],
    "W_V_E": [[[0, 1, 1], [1, 0, 0], [1, 0, 1], [0, 1, 0]], [[1, 0, 0], [0, 1, 1], [0, 0, 1], [1, 0, 0]]],
    "W_O_E": [
        [
            [0.79445237, 0.1081456, 0.27411536, 0.78394531],
            [0.29081936, -0.36187258, -0.32312791, -0.48530339],
            [-0.36702934, -0.76471963, -0.88058366, -1.73713022],
        ],
        [
            [-0.02305587, -0.64315981, -0.68306653, -1.25393866],
            [0.29077448, -0.04121674, 0.01509932, 0.13149906],
            [0.57451867, -0.08895355, 0.02190485, 0.24535932],
        ],
    ],
}
SEED = 20661
AT = {n: 2, m: 3, V: 10, d: 4, d_k: 3, d_ff: 8, H: 2, L: 2}
NOTES = (
    "The post's sentence is “SOS hola mundo world”, and so is this one: of the seeds from 1, 20661 is the first with which "
    "these weights write it. Cell 107 speaks of other words, how, a and c, than the run that cell 106 prints.",
    "Positions: the post quotes the paper's formula but puts the raw index i into its exponent. The paper's row for "
    "position 1 is (0.8415, 0.5403, 0.0100, 0.99995); the post has (0.84, 0.99, 0, 1), and here the third row follows the "
    "post. The entry 0.99 is cos(0.01) = 0.99995 cut off; rounded it would be 1.00, and the 3.99 in X depends on it.",
    "The typeset W_Q of head 1 ends in the row 1 1 0, the code in 1 0 0; the typeset W_K of head 2 has the third row 1 0 1, "
    "the code 1 1 0. The printed numbers follow the code, and so do we.",
    "The divisor 30 is 30 itself and not its root. Later cells go back to the root of 3, so the post's own encoder_block "
    "would not compute the Z of cell 42. Set the first entry of t to 3 to see it with the root of 3.",
    "Layer norm: the prose has ε = 0.00001 under the root, the code adds 0.000001 to the deviation. The two differ by about "
    "1e-7; the printed numbers, and ours, are the code's. Cell 64 prints 1.718 for the first entry, which is 1.71888 and "
    "rounds to 1.719.",
    "The prose of the encoder has LayerNorm(Z(x) + FFN(Z(x) + x)); the code adds x before it normalises, and nothing inside "
    "the network.",
    "The post's softmax does not subtract the maximum: in cell 57, without sums and layer norm, exp overflows to NaN.",
    "The post draws W_O inside its function for attention, and all weights of the decoder at every call; a single SOS gets no "
    "position in its generate(). Its decoder has no mask, which the text mentions; here there is the causal mask. It calls "
    "attention to the encoder a second self-attention, and BART a decoder, which is an encoder and a decoder.",
    "Values that the post prints from weights that it does not show cannot be computed again: cells 49, 55, 57, 69, 77, 84, "
    "89, 92, 95 and 106. Four of them contradict their own cell: the row of cell 87 is the layer norm of other inputs than "
    "those of cells 80 and 84; the output of cell 89 should have mean 0 and has −1.586; cell 92 prints two rows for one token; "
    "the probabilities of cell 98 are not the softmax of the scores of cell 95, and its softmax fails on a single row. The "
    "text of cell 95 has the shape of the weight the other way round.",
    "Your own tokens and weights: change any number in a box, or give a file with all inputs: `symformer show "
    "random-transformer-whole --at mine.json`. To go on writing, put the word that the last line names behind the target.",
)
stacks = [*reads.values(), *writes.values(), *looks.values(), *feeds_E.values(), *feeds_D.values(), U, b_U]
example = {one.name: drawn(SEED + place, *map(AT.get, one.shape)) for place, one in enumerate(stacks, 1)}
for name, layer in POST.items():
    example[name][0] = layer
example["E"] = drawn(SEED, AT[V], AT[d])
example["E"][0], example["E"][2], example["E"][6] = [1, 2, 3, 4], [2, 3, 4, 5], [1, 0, 0, 0]
example.update(
    source=[1, 3], target=[7, 9, 2], PE_n=[[0, 1, 0, 1], [0.84, 0.99, 0, 1]],
    PE_m=[[0, 1, 0, 1], [0.84, 0.99, 0, 1], [0.91, 1, 0, 1]], t=[900, 3],
)  # fmt: skip


def of_the_first_layer(name, where, *values, heads=True, also=""):
    """What the post prints of the first layer of the encoder, a value for each head."""
    inner = next(one for one in steps if getattr(one, "name", "") == name)
    places = enumerate(values, 1)
    return [Printed(inner, value, where, (head,) if heads else (), also=also, layer=1) for head, value in places]


derivation = Derivation(
    __doc__,
    given=(
        source,
        target,
        E,
        PE_n,
        PE_m,
        t,
        *stacks,
        "E marks the encoder, D the decoder, X its look at the encoder; a, b and c the sums in a layer",
        "with ℓ, a matrix is that of layer ℓ; x is what goes into a layer of the encoder, y what goes into one of the decoder",
        "t is the square of the number that scores are divided by in the encoder: d_k, but for the first layer 900, since "
        "the post divides by 30 there",
        "the ten words, by number: " + ", ".join(f"{place} “{word}”" for place, word in enumerate(WORDS, 1)),
    ),
    where=tuple(steps),
    reference=(
        "Omar Sanseviero, The Random Transformer, 2024, "
        "https://osanseviero.github.io/hackerllama/blog/posts/random_transformer/, cells 2 to 107."
    ),
    decimals=4,
    example=example,
    printed=(
        Printed(X, [[1, 3, 3, 5], [2.84, 3.99, 4, 6]], "cell 3"),
        *of_the_first_layer("Q_E", "cell 15", [[8, 3, 3], [9.99, 3.99, 4]]),
        *of_the_first_layer(
            "K_E",
            "cells 6 and 10",
            [[4, 8, 4], [6.84, 9.99, 6.84]],
            also="In cell 6 the hand expansion writes 4 for 3.99 in several products of row 2; its result 9.99 is right.",
        ),
        *of_the_first_layer("V_E", "cell 13", [[6, 6, 4], [7.99, 8.84, 6.84]]),
        *of_the_first_layer(
            "S_E",
            "cell 19",
            [[68, 105.21], [87.88, 135.5517]],
            also="Cell 17 works the first entry out, 8 · 4 + 3 · 8 + 3 · 4 = 68.",
        ),
        *of_the_first_layer(
            "O_E",
            "cells 37, 38 and 40",
            [[7.54348784, 8.20276657, 6.20276657], [7.65266185, 8.35857269, 6.35857269]],
            [[8.45589591, 3.85610456, 7.72085664], [8.63740591, 3.91937741, 7.84804146]],
        ),
        *of_the_first_layer(
            "Z_E",
            "cell 42",
            [
                [11.46394285, -13.18016471, -11.59340253, -17.04387829],
                [11.62608573, -13.47454936, -11.87126395, -17.4926367],
            ],
            heads=False,
        ),
        *of_the_first_layer(
            "R_Ea",
            "the prose of cell 60",
            [
                [12.46394281, -10.18016469, -8.59340253, -12.04387833],
                [14.46608569, -9.48454934, -7.87126395, -11.49263674],
            ],
            heads=False,
            also="The Z and X + Z of the prose differ from the code's in the 8th decimal, by up to 4e-8: they come from a run with unrounded weights.",
        ),
        *of_the_first_layer("mu_Ea", "cell 62", [-4.58837567, -3.59559107], heads=False),
        *of_the_first_layer("sigma_Ea", "cell 63", [9.92061529, 10.50653019], heads=False),
        *of_the_first_layer(
            "N_Ea",
            "cell 67",
            [[1.71887693, -0.56365339, -0.40370747, -0.75151608], [1.71909039, -0.56050453, -0.40695381, -0.75163205]],
            heads=False,
        ),
        Printed(T_prime, [[39.2598183, 60.74302182], [50.73754166, 78.26081048]], "cell 22", (1,)),
        Printed(
            A_prime,
            [["4.67695573e-10", "1.00000000"], ["1.11377182e-12", "1.00000000"]],
            "cell 25",
            (1,),
            significant=9,
        ),
        Printed(
            A_prime, [["1.10613872e-14", "1.00000000"], ["4.9593451e-20", "1.00000000"]], "cell 34", (2,), significant=9
        ),
        Printed(O_prime, [[7.99, 8.84, 6.84], [7.99, 8.84, 6.84]], "cell 27", (1,)),
        Printed(O_prime, [[8.84, 3.99, 7.99], [8.84, 3.99, 7.99]], "cell 32", (2,)),
        Printed(Y, [1, 1, 0, 1], "cell 75", (1,)),
    ),
    notes=NOTES,
)
