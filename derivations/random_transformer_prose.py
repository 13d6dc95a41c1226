"""The Random Transformer, where the post computes by hand.

Some numbers of the post do not come from its code but from the text between: a softmax of three scores, the layer norm of two rows, and rows of the decoder that follow from rows
printed before. They can be computed again, and most of them agree; two of them cannot have come from the rows they are said to come from. A row that leaves layer norm sums
to 0 and has a mean square of nearly 1: that is a test of any printed row, whatever its weights were.
"""

from symformer import Derivation, Printed, begin, define, indices, mean, see, sizes, softmax, sqrt, sum, tensor, wrong

n, d, m, V = sizes("n d m V")
i, a, b = indices("i a b")
x, logits, R = tensor("x", m), tensor("logits", V), tensor("R", n, d)
Y, Z_D, Z_X, eps = tensor("Y", d), tensor("Z_D", d), tensor("Z_X", d), tensor("epsilon", kind="positive")

s, P = softmax(x, name="s"), softmax(logits, name="P")
mu = define("mu", i, mean(R[i, b], b))
q = define("q", i, sum((R[i, b] - mu[i]) ** 2, b))
var = define("v", i, q[i] / d)
sigma = define("sigma", i, sqrt(var[i]))
N = define("N", (i, a), (R[i, a] - mu[i]) / sqrt(var[i] + eps[()]))


def normalised(name, row):
    """The layer norm of one row as the code has it."""
    mu_row = define(f"mu_{name}", (), mean(row[b], b))
    sigma_row = define(f"sigma_{name}", (), sqrt(mean((row[b] - mu_row[()]) ** 2, b)))
    return mu_row, sigma_row, define(f"N_{name}", a, (row[a] - mu_row[()]) / (sigma_row[()] + 0.000001))


R_D = define("R_D", a, Z_D[a] + Y[a])
mu_D, sigma_D, N_D = normalised("D", R_D)
R_X = define("R_X", a, Z_X[a] + N_D[a])
mu_X, sigma_X, N_X = normalised("X", R_X)

derivation = Derivation(
    __doc__,
    given=(
        x, R, eps, Y, Z_D, Z_X, logits,
        "x are three scores; R is the sum of input and attention in the first layer of the encoder, as the text has it; ε stands under the root there",
        "D marks the decoder: Y is SOS with its position, Z_D what attention adds to it; X marks its look at the encoder; the logits are those of the ten words",
    ),
    where=(
        "The text: a softmax, and a layer norm step by step.", s, mu, q, var, sigma, N,
        "The decoder: rows that follow from rows.", R_D, mu_D, sigma_D, N_D, R_X, mu_X, sigma_X, N_X,
        "The probabilities of the ten words.", P,
    ),
    calc=(
        begin(sum(N[i, a], a), "the sum of a row that layer norm has given", "A test of a printed row"),
        (sum(R[i, a] - mu[i], a) / sqrt(var[i] + eps[()]), "one root for the whole row"),
        (0, ("the centred row sums to 0, ", see("layer-norm-geometry"))),
        begin(mean(N[i, a] ** 2, a), "its mean square", ""),
        wrong(1, "as if there were no ε"),
        (var[i] / (var[i] + eps[()]), "the mean of the squared deviations is v: nearly 1, as ε is small"),
        begin(N[i, a], "the prose and the code", "Two places for ε"),
        wrong((R[i, a] - mu[i]) / (sigma[i] + eps[()]), "ε under the root and ε beside it are not the same; here they differ by 10⁻⁷"),
    ),
    reference=(
        "Omar Sanseviero, The Random Transformer, 2024, "
        "https://osanseviero.github.io/hackerllama/blog/posts/random_transformer/, cells 24, 60 to 64, 75 to 87, 95 and 98."
    ),
    decimals=8,
    example={
        "x": [1, 2, 3], "epsilon": 0.00001, "Y": [1, 1, 0, 1], "Z_D": [2.19334924, 10.61851198, -4.50089666, -2.76366551],
        "Z_X": [1.57651431, 4.92489307, -0.08644448, -0.46776051],
        "R": [[12.46394281, -10.18016469, -8.59340253, -12.04387833], [14.46608569, -9.48454934, -7.87126395, -11.49263674]],
        "logits": [0.06900542, -1.81351091, -1.3122958, -0.33197364, 2.54767851, -1.55188231, 0.82907169, 0.85910931, -0.32982856, -1.26792439],
    },
    printed=(
        Printed(s, [0.09, 0.24, 0.67], "cell 24", decimals=2),
        Printed(mu, [-4.58837568, -3.59559109], "cell 61", also="Two lines below, the first is −4.588375685; the second is −3.595591085, and the post rounds its half away from 0."),
        Printed(q, 393.67443005013, "cell 61", (1,), decimals=11),
        Printed(var, 98.418607512533, "cell 61", (1,), decimals=12),
        Printed(sigma, 9.9206152789297, "cell 61", (1,), decimals=13),
        Printed(sigma, 10.50653018, "cell 61", (2,)),
        Printed(N, [1.718, -0.564, -0.404, -0.752], "cell 64", (1,), decimals=3, also="The first entry is 1.71888, which was cut off; rounded it is 1.719."),
        Printed(N_D, [0.17236212, 1.54684892, -1.0828824, -0.63632864], "cell 80"),
        Printed(N_X, [-0.44406723, 1.6552893, -0.19984632, -1.01137575], "cell 87",
                also="The printed row has mean 0 and deviation 1, but it is the layer norm of other inputs than those that cells 80 and 84 print."),
        Printed(P, [0.01602618, 0.06261303, 0.38162024, 0.03087794, 0.0102383, 0.00446011, 0.01777314, 0.00068275, 0.46780959, 0.00789871], "cell 98",
                also="These are not the probabilities of the logits of cell 95, whose largest is that of the fifth word; cell 98 names the ninth."),
    ),
    notes=(
        "Cell 89 prints the row −0.97650182, 0.81470137, −2.79122044, −3.39192873 as an output of layer norm. It sums to −6.345 and not to 0, so it is none. Cell 92 prints two rows "
        "for the one row of SOS.",
        "The rows that these numbers start from (cells 77, 84 and 95) come from weights that the post drew at random and did not print.",
    ),
)  # fmt: skip
