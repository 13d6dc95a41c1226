"""Programs that a user might write, with every name drawn from outside: `N` gives a name for a name.

Each takes a `Names` and returns a tensor. Sizes, indices, tensors and definitions all go through it, so that a program
can be built with any letters.
"""

import symformer as sf


class Names:
    """The author's own names, or others for them: one for one, sizes and indices and tensors alike."""

    def __init__(self, others=None):
        self.others = others or {}

    def of(self, name):
        return self.others.get(name, name)

    def sizes(self, names):
        found = tuple(sf.sizes(self.of(name)) for name in names.split())
        return found if len(found) > 1 else found[0]

    def indices(self, names):
        found = tuple(sf.indices(self.of(name)) for name in names.split())
        return found if len(found) > 1 else found[0]

    def tensor(self, name, *shape, **kinds):
        return sf.tensor(self.of(name), *shape, **kinds)

    def define(self, name, indices, body):
        return sf.define(self.of(name), indices, body)


def softmax_of_scaled(N):
    (n, d), (i, c) = N.sizes("n d"), N.indices("i c")
    x = N.tensor("x", n, d)
    return sf.softmax(N.define("z", (i, c), 2 * x[i, c]), name=N.of("p"))


def attention(N):
    (n, m, d, e), (i, j, c, f) = N.sizes("n m d e"), N.indices("i j c f")
    q, k, v = N.tensor("q", n, d), N.tensor("k", m, d), N.tensor("v", m, e)
    s = N.define("s", (i, j), sf.sum(q[i, c] * k[j, c], c) / sf.sqrt(d))
    p = sf.softmax(s, name=N.of("p"))
    return N.define("o", (i, f), sf.sum(p[i, j] * v[j, f], j))


def attention_with_bias_and_gate(N):
    (n, d, e), (i, j, c, f) = N.sizes("n d e"), N.indices("i j c f")
    q, k, v, b, g = (
        N.tensor("q", n, d),
        N.tensor("k", n, d),
        N.tensor("v", n, e),
        N.tensor("b", 2 * n - 1),
        N.tensor("g", n, e),
    )
    s = N.define("s", (i, j), sf.sum(q[i, c] * k[j, c], c) / sf.sqrt(d) + b[j - i + n])
    p = sf.softmax(s, name=N.of("p"))
    o = N.define("o", (i, f), sf.sum(p[i, j] * v[j, f], j))
    return N.define("y", (i, f), o[i, f] / (1 + sf.exp(-g[i, f])))


def axial_attention(N):
    (n, m, d), (i, j, k, c) = N.sizes("n m d"), N.indices("i j k c")
    x = N.tensor("x", n, m, d)
    s = N.define("s", (i, j, k), sf.sum(x[i, j, c] * x[i, k, c], c) / sf.sqrt(d))
    p = sf.softmax(s, name=N.of("p"))
    return N.define("o", (i, j, c), sf.sum(p[i, j, k] * x[i, k, c], k))


def linformer(N):
    (n, l, d), (i, a, j, c) = N.sizes("n l d"), N.indices("i a j c")
    q, k, v, e = N.tensor("q", n, d), N.tensor("k", n, d), N.tensor("v", n, d), N.tensor("e", l, n)
    short = N.define("u", (a, c), sf.sum(e[a, j] * k[j, c], j))
    values = N.define("w", (a, c), sf.sum(e[a, j] * v[j, c], j))
    p = sf.softmax(N.define("s", (i, a), sf.sum(q[i, c] * short[a, c], c) / sf.sqrt(d)), name=N.of("p"))
    return N.define("o", (i, c), sf.sum(p[i, a] * values[a, c], a))


def lora(N):
    (n, d, e, r), (i, c, f, a) = N.sizes("n d e r"), N.indices("i c f a")
    x, w, b, g = N.tensor("x", n, d), N.tensor("w", e, d), N.tensor("b", e, r), N.tensor("g", r, d)
    return N.define("y", (i, f), sf.sum((w[f, c] + sf.sum(b[f, a] * g[a, c], a)) * x[i, c], c))


def centred(N):
    (n, d), (i, c, k) = N.sizes("n d"), N.indices("i c k")
    x = N.tensor("x", n, d)
    m = N.define("m", (i,), sf.mean(x[i, c], c))
    u = N.define("u", (i, c), x[i, c] - m[i])
    v = N.define("v", (i,), sf.mean(u[i, k] ** 2, k))
    return N.define("y", (i, c), u[i, c] / sf.sqrt(v[i] + 1))


def root_mean_square(N):
    (n, d), (i, c, k) = N.sizes("n d"), N.indices("i c k")
    x, g = N.tensor("x", n, d), N.tensor("g", d)
    s = N.define("s", (i,), sf.mean(x[i, k] ** 2, k))
    return N.define("y", (i, c), g[c] * x[i, c] / sf.sqrt(s[i] + 1))


def normed_rows(N):
    (n, d), (i, j, c) = N.sizes("n d"), N.indices("i j c")
    x = sf.layer_norm(N.tensor("x", n, d), name=N.of("h"))
    return N.define("y", (i, j), sf.sum(x[i, c] * x[j, c], c))


def bilinear(N):
    (n, m, e), (i, j, f) = N.sizes("n m e"), N.indices("i j f")
    y, v, p = N.tensor("y", n, e), N.tensor("v", m, e), N.tensor("p", n, m)
    return N.define("s", (), sf.sum(y[i, f] * v[j, f] * p[i, j], i, f, j))


def shifted_sum(N):
    n, (i, j, k) = N.sizes("n"), N.indices("i j k")
    a, x = N.tensor("a", n, n), N.tensor("x", n)
    return N.define("y", (i,), sf.sum(sf.delta(j, k + 1) * a[i, j] * x[k], j, k))


def gated(N):
    (n, d, e), (i, c, f) = N.sizes("n d e"), N.indices("i c f")
    x, w, v = N.tensor("x", n, d), N.tensor("w", d, e), N.tensor("v", d, e)
    a = N.define("a", (i, f), sf.sum(x[i, c] * w[c, f], c))
    b = N.define("b", (i, f), sf.sum(x[i, c] * v[c, f], c))
    return N.define("y", (i, f), a[i, f] / (1 + sf.exp(-a[i, f])) * b[i, f])


def looked_up(N):
    (n, V, d), (i, c) = N.sizes("n V d"), N.indices("i c")
    t, e = N.tensor("t", n, kind="integer", upper=V), N.tensor("e", V, d)
    return N.define("y", (i, c), e[t[i], c] ** 2)


def log_loss(N):
    (n, m), (i, j) = N.sizes("n m"), N.indices("i j")
    x, t = N.tensor("x", n, m), N.tensor("t", n, kind="integer", upper=m)
    l = N.define("l", (i, j), x[i, j] - sf.log(sf.sum(sf.exp(x[i, j]), j)))
    return N.define("s", (), -sf.mean(l[i, t[i]], i))


def powers(N):
    n, (i, k) = N.sizes("n"), N.indices("i k")
    x, g = N.tensor("x", n, kind="positive"), N.tensor("g", kind="positive")
    return N.define("y", (i,), x[i] ** g[()] / sf.sum(x[k] ** g[()], k))


def causal_average(N):
    (n, d), (i, j, c) = N.sizes("n d"), N.indices("i j c")
    x = N.tensor("x", n, d)
    seen = sf.sum(sf.indicator(j, "≤", i), (j, n))
    return N.define("y", ((i, n), c), sf.sum(sf.indicator(j, "≤", i) * x[j, c], j) / seen)


def masked(N):
    (n, m), (i, j) = N.sizes("n m"), N.indices("i j")
    x, b = N.tensor("x", n, m), N.tensor("b", n, m, kind="mask", sees=True)
    u = N.define("u", (i, j), b[i, j] * sf.exp(x[i, j]))
    return N.define("y", (i, j), u[i, j] / sf.sum(u[i, j], j))


def squared_sums(N):
    (n, d), (i, c, k) = N.sizes("n d"), N.indices("i c k")
    x = N.tensor("x", n, d)
    s = N.define("s", (i,), sf.sum(x[i, k], k))
    return N.define("y", (c,), sf.sum(s[i] ** 2 * x[i, c], i) * sf.sum(s[i], i))


def layers(N):
    (n, d, L), (i, c, k, l) = N.sizes("n d L"), N.indices("i c k l")
    x, x0, w = N.tensor("x", n, d), N.tensor("h", n, d), N.tensor("w", d, d)
    y = N.define("y", (i, c), x[i, c] + sf.tanh(sf.sum(x[i, k] * w[k, c], k)))
    return sf.repeat(y, (l, L), carry={x: x0}, each=(w,), name=N.of("o"))


def every_layer(N):
    (n, d, e, L), (i, c, k, l, f) = N.sizes("n d e L"), N.indices("i c k l f")
    x, x0, w, u = N.tensor("x", n, d), N.tensor("h", n, d), N.tensor("w", d, d), N.tensor("u", d, e)
    y = N.define("y", (i, c), x[i, c] + sf.sum(x[i, k] * w[k, c], k))
    o = sf.repeat(y, (l, L), carry={x: x0}, each=(w,), name=N.of("o"))
    return sf.every_layer(o, N.define("a", (i, f), sf.sum(x[i, c] * u[c, f], c)), N.of("b"))


PROGRAMS = [
    softmax_of_scaled, attention, attention_with_bias_and_gate, axial_attention, linformer, lora, centred,
    root_mean_square, normed_rows, bilinear, shifted_sum, gated, looked_up, log_loss, powers, causal_average, masked,
    squared_sums, layers, every_layer,
]  # fmt: skip
