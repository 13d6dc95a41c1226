"""The identity path of residual layers.

A residual layer adds its output to its input. So its Jacobian is the identity plus that of its block, and the Jacobian of
several layers is a product of such sums: expanded, it has one term for each subset of the blocks. The term of the empty subset
is the identity: whatever the blocks do, one term of the gradient reaches the first layer unchanged.
"""

from symformer import Derivation, begin, define, delta, diff, indices, lift, sizes, sum, tanh, tensor

d, L = sizes("d L")
a, b, c = indices("a b c")
x = tensor("x", d)
U_1, U_2 = tensor("U_1", d, d), tensor("U_2", d, d)

F_1 = define("F_1", a, sum(U_1[a, c] * tanh(x[c]), c))
x_1 = define("x_1", a, x[a] + F_1[a])
F_2 = define("F_2", a, sum(U_2[a, c] * tanh(x_1[c]), c))
x_2 = define("x_2", a, x_1[a] + F_2[a])
J_1 = define("J_1", (a, b), U_1[a, b] * (1 - tanh(x[b]) ** 2))
J_2 = define("J_2", (a, b), U_2[a, b] * (1 - tanh(x_1[b]) ** 2))

derivation = Derivation(
    __doc__,
    given=(x, U_1, U_2, "the blocks F are a tanh and a linear layer here; of the blocks, the product below uses the Jacobians alone"),
    where=(F_1, x_1, F_2, x_2, J_1, J_2),
    calc=(
        begin(diff(F_1[a], x[b]), "the Jacobian of a block", "A block"),
        (J_1[a, b], "differentiate: the derivative of tanh is 1 − tanh²"),
        begin(diff(x_1[a], x[b]), "the Jacobian of a residual layer", "A layer"),
        (delta(a, b) + J_1[a, b], "the Jacobian of x itself is the identity, and the chain above"),
        begin(diff(x_2[a], x[b]), "the Jacobian of two layers", "Two layers"),
        (
            sum((delta(a, c) + J_2[a, c]) * (delta(c, b) + J_1[c, b]), c),
            "chain rule: the second layer's Jacobian, at its own input, times the first's",
        ),
        (delta(a, b) + J_1[a, b] + J_2[a, b] + sum(J_2[a, c] * J_1[c, b], c),
         "expand: through no block, through the first, through the second, through both"),
    ),
    notes=(("L layers have ", 2 ** lift(L), " terms, one for each subset of the blocks."),),
    reference="He et al. 2016, arXiv:1603.05027, equation 5; Xiong et al. 2020, arXiv:2002.04745.",
    example={"x": [1, 0], "U_1": [[1, 1], [0, 1]], "U_2": [[0, 1], [1, 0]]},
)  # fmt: skip
