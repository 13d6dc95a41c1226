"""Prints how long reverse mode takes, per program and by depth, next to tensorgrad's published figures.

`python tests/benchmarks/reverse.py` (about a minute; CPU time of one process; `--judge` judges the block's rows, too).
"""

from __future__ import annotations

import sys
import time

import symformer as sf

n, m, d, e = sf.sizes("n m d e")
groups, heads, d_k, d_v, d_ff, layers = sf.sizes("G R d_k d_v d_ff L")
i, c, ell = sf.indices("i c ell")
X = sf.tensor("X", n, d)


def timed(what, make, repeat=3):
    """The best CPU time of a few runs, and the last result."""
    best = float("inf")
    for _ in range(repeat):
        start = time.process_time()
        found = make()
        best = min(best, time.process_time() - start)
    print(f"{what}: {best * 1000:.0f} ms")
    return best, found


def weights(tag=""):
    """The weights of a block."""
    shapes = {
        "gamma_1": (d,), "beta_1": (d,), "W_Q": (d, groups, heads, d_k), "W_K": (d, groups, d_k),
        "W_V": (d, groups, d_v), "W_O": (groups, heads, d_v, d), "gamma_2": (d,), "beta_2": (d,),
        "W_gate": (d, d_ff), "W_up": (d, d_ff), "W_down": (d_ff, d),
    }  # fmt: skip
    return {name: sf.tensor(name + tag, *shape) for name, shape in shapes.items()}


def block(x, w, tag=""):
    """A pre-LN block: norm, multi-head attention, residual, norm, SwiGLU, residual."""
    normed = sf.layer_norm(x, w["gamma_1"], w["beta_1"], name=f"A{tag}")
    mixed = sf.multi_head_attention(normed, None, w["W_Q"], w["W_K"], w["W_V"], w["W_O"], name=f"H{tag}")
    middle = sf.define(f"Y{tag}", (i, c), x[i, c] + mixed[i, c])
    again = sf.layer_norm(middle, w["gamma_2"], w["beta_2"], name=f"B{tag}")
    wide = sf.swiglu(again, w["W_gate"], w["W_up"], w["W_down"], name=f"F{tag}")
    return sf.define(f"Z{tag}", (i, c), middle[i, c] + wide[i, c])


def stack(depth):
    """Distinct blocks, one upon the other."""
    value = X
    for layer in range(1, depth + 1):
        value = block(value, weights(f"_{layer}"), f"_{layer}")
    return value


def main():
    """Prints all figures."""
    attention = sf.attention(sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e), name="O")
    timed("attention (bar: 50 ms)", lambda: sf.reverse(attention))
    one, _ = timed("pre-LN block (bar: 1000 ms; tensorgrad: layer norm + attention 31 s, a block none in 60 s)",
                   lambda: sf.reverse(block(X, weights())))  # fmt: skip
    per_layer = {}
    for depth in (1, 12, 96):
        made = sf.program(stack(depth))
        seconds, _ = timed(f"{depth} distinct blocks", lambda made=made: sf.reverse(made), 1 if depth > 1 else 3)
        per_layer[depth] = seconds / depth
    print(f"per layer, 96 over 12: {per_layer[96] / per_layer[12]:.2f} (bar: 1.3)")
    w = weights()
    deep = sf.repeat(block(X, w), (ell, layers), {X: sf.tensor("X_0", n, d)}, tuple(w.values()), name="X_L")
    rolled, _ = timed("the block as a repeat of L layers", lambda: sf.reverse(deep))
    print(f"repeat over one block: {rolled / one:.2f}")
    if "--judge" in sys.argv:
        start = time.process_time()
        derivation = sf.gradient(block(X, w)).derivation
        kinds = [judged.verdict.kind for judged in derivation.check()]
        print(
            f"{len(kinds)} rows judged in {time.process_time() - start:.1f} s of CPU (bar: 20 s): {sorted(set(kinds))}"
        )
        print(f"LaTeX, matrix level: {len(derivation.latex('matrix'))} characters (bar: 20000)")


if __name__ == "__main__":
    main()
