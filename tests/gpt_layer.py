"""One layer of a GPT with dropout as Korthikanti et al. 2022, arXiv:2205.05198, count it, as a program."""

from types import SimpleNamespace

import symformer as sf

n, d, H, L, b = sf.sizes("n d H L b")
h, i, j, a, c, f = sf.indices("h i j a c f")


def layer():
    """The layer's output, its input, its parameters and its dropout masks."""
    x = sf.tensor("X", n, d)
    w_q, w_k, w_v = (sf.tensor(f"W_{kind}", d, H, d / H) for kind in "QKV")
    w_o, w_1, w_2 = sf.tensor("W_O", H, d / H, d), sf.tensor("W_1", d, 4 * d), sf.tensor("W_2", 4 * d, d)
    norms = [sf.tensor(f"{letter}_{number}", d) for number in (1, 2) for letter in ("gamma", "beta")]
    masks = [sf.tensor("M_P", H, n, n, kind="mask"), *(sf.tensor(name, n, d, kind="mask") for name in ("M_Y", "M_F"))]
    first = sf.layer_norm(x, norms[0], norms[1], name="N_1")
    q, k, v = (
        sf.define(kind, (h, i, c), sf.sum(first[i, a] * weight[a, h, c], a))
        for kind, weight in zip("QKV", (w_q, w_k, w_v), strict=True)
    )
    s = sf.define("S", (h, i, j), sf.sum(q[h, i, c] * k[h, j, c], c) / sf.sqrt(d / H))
    p = sf.softmax(s, name="P")
    dropped = sf.define("D", (h, i, j), masks[0][h, i, j] * p[h, i, j])
    o = sf.define("O", (h, i, c), sf.sum(dropped[h, i, j] * v[h, j, c], j))
    y = sf.define("Y", (i, a), sf.sum(o[h, i, c] * w_o[h, c, a], h, c))
    middle = sf.define("X_1", (i, a), x[i, a] + masks[1][i, a] * y[i, a])
    second = sf.layer_norm(middle, norms[2], norms[3], name="N_2")
    hidden = sf.define("U", (i, f), sf.sum(second[i, a] * w_1[a, f], a))
    active = sf.gelu(hidden, name="A")
    back = sf.define("F", (i, a), sf.sum(active[i, f] * w_2[f, a], f))
    out = sf.define("X_2", (i, a), middle[i, a] + masks[2][i, a] * back[i, a])
    parameters = [w_q, w_k, w_v, w_o, w_1, w_2, *norms]
    return SimpleNamespace(out=out, x=x, parameters=parameters, masks=masks)
