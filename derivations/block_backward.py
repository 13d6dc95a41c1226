"""The backward pass of a pre-LN block.

One layer of a transformer, from its output back to its input and all its weights. Nobody wrote these lines: reverse mode goes
through the definitions backwards, one by one. The gradient of a tensor is the sum of one contribution from each statement in
which it occurs. Each line is judged with the tensors in these statements taken as given.

A residual connection passes its gradient on unchanged and adds the gradient of its branch. A norm removes the mean and, up to
ε, the component along the normalised row. Attention needs one number D for each row of each head; keys and values that R
heads share get the sum of the gradients of these heads.
"""

from symformer import define, gradient, indices, layer_norm, multi_head_attention, see, sizes, swiglu, tensor

n, d, G, R, d_k, d_v, d_ff = sizes("n d G R d_k d_v d_ff")
i, c = indices("i c")
X = tensor("X", n, d)
gamma_1, beta_1, gamma_2, beta_2 = (tensor(name, d) for name in ("gamma_1", "beta_1", "gamma_2", "beta_2"))
W_Q, W_K, W_V = tensor("W_Q", d, G, R, d_k), tensor("W_K", d, G, d_k), tensor("W_V", d, G, d_v)
W_O = tensor("W_O", G, R, d_v, d)
W_gate, W_up, W_down = tensor("W_gate", d, d_ff), tensor("W_up", d, d_ff), tensor("W_down", d_ff, d)

A = layer_norm(X, gamma_1, beta_1, name="A")
H = multi_head_attention(A, None, W_Q, W_K, W_V, W_O, name="H")
Y = define("Y", (i, c), X[i, c] + H[i, c])
B = layer_norm(Y, gamma_2, beta_2, name="B")
F = swiglu(B, W_gate, W_up, W_down, name="F")
Z = define("Z", (i, c), Y[i, c] + F[i, c])

derivation = gradient(
    Z,
    doc=__doc__,
    reference=(
        "Xiong et al. 2020, arXiv:2002.04745; Shazeer 2020, arXiv:2002.05202. By hand: ",
        see("attention-backward"),
        ", ",
        see("layer-norm-backward"),
        ", ",
        see("swiglu-backward"),
        ".",
    ),
).derivation
