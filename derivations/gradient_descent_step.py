"""Linear attention takes a step of gradient descent.

Give a linear model a few examples of inputs and targets, start it from 0, and take one step of gradient descent on its squared error. Its prediction
for a new input is then a sum of the targets, weighted by inner products of the new input with the examples: attention without a softmax. What a layer
writes into the residual stream can thus be learning in context.
"""

from symformer import Derivation, HeatMap, begin, define, diff, indices, scalar, sizes, sum, tensor, wrong

n, d, m = sizes("n d m")
i, a, c, f = indices("i a c f")
x, y, q, eta = tensor("x", n, d), tensor("y", n, m), tensor("q", d), scalar("eta", kind="positive")
W = tensor("W", m, d)

r = define("r", (i, f), sum(W[f, c] * x[i, c], c) - y[i, f])
E = define("E", (), sum(sum(r[i, f] ** 2, f), i) / 2)
D = define("D", (f, c), eta * sum(y[i, f] * x[i, c], i))

derivation = Derivation(
    __doc__,
    given=(x, y, q, eta.tensor, W, "x and y are the examples of the context, q the input to be answered, W the model, η the step"),
    where=(r, E, D),
    calc=(
        begin(diff(E[()], W[f, c]), "the gradient of the squared error", "The gradient"),
        (sum(r[i, f] * diff(r[i, f], W[f, c]), i), "chain rule; 2 cancels"),
        (sum(r[i, f] * x[i, c], i), "the residual is linear in W"),
        begin(sum((W[f, c] - eta * sum(r[i, f] * x[i, c], i)) * q[c], c), "the answer after one step", "One step"),
        (
            sum(W[f, c] * q[c], c) - eta * sum(r[i, f] * sum(x[i, c] * q[c], c), i),
            "exchange the sums: the old answer minus the residuals, weighted by inner products with the examples",
        ),
        begin(sum(D[f, c] * q[c], c), "the answer after one step from W = 0, where the residuals are minus the targets", "From zero"),
        wrong(eta * sum(y[i, f] * sum(x[i, c] ** 2, c), i), "with the examples compared with themselves"),
        (eta * sum(y[i, f] * sum(x[i, c] * q[c], c), i), "exchange the sums: linear attention with the examples as keys and their targets as values"),
    ),
    reference=("von Oswald et al. 2022, arXiv:2212.07677, section 2.",),
    example={"x": [[1, 0], [1, 1]], "y": [[1], [3]], "q": [2, 1], "eta": "1/2", "W": [[0, 1]]},
    pictures=(HeatMap(D, "The step of the weights: targets times inputs, summed over examples", "target", "input"),),
)  # fmt: skip
