"""Rewrites of what only moves entries: broadcasts, transposes, reversals, slices, pads, joins, updates."""

import symformer as sf
from rewrites.rewrite import Rewrite
from rewrites.shapes import (
    each,
    filled,
    is_,
    joined,
    padded,
    places,
    sliced,
    spaced,
    swapped,
    turned,
    updated,
    wide,
)

n, m, r, s, e, p, q, t, u, w = sf.sizes("n m r s e p q t u w")
A, B, C, D = sf.tensor("A", n), sf.tensor("B", m), sf.tensor("C", r), sf.tensor("D", n)
S, T, Z = sf.tensor("S", n, m), sf.tensor("T", r, m), sf.tensor("Z", w, m)
R = sf.tensor("R", n, r)
K = sf.tensor("K", n, m, r)
v, c = sf.scalar("v"), sf.scalar("c")
start = sf.tensor("a", kind="integer", upper=e)[()]  # one more than a start that is computed
other = sf.tensor("b", kind="integer", upper=u)[()]

add = lambda x, y: x + y  # noqa: E731
times = lambda x, y: x * y  # noqa: E731

BROADCAST = (
    Rewrite(
        "a sum of broadcasts",
        each(add, wide(A, m), wide(D, m)),
        wide(each(add, A, D), m),
        (each(add, wide(A, m), wide(D, m)), wide(each(times, A, D), m)),
    ),
    Rewrite(
        "a product of broadcasts",
        each(times, wide(A, m), wide(D, m)),
        wide(each(times, A, D), m),
        (each(times, wide(A, m), wide(D, m)), wide(each(times, A, A), m)),
    ),
    Rewrite(
        "the transpose of one number everywhere",
        swapped(filled(v, n, m)),
        filled(v, m, n),
        (swapped(wide(A, n)), wide(A, n)),
    ),
    Rewrite("one number everywhere, turned round", turned(filled(v, n)), filled(v, n), (turned(A), A)),
    Rewrite(
        "a slice of one number everywhere",
        sliced(filled(v, s + p * e), s - 1, e, p),
        filled(v, e),
        (sliced(places(s + p * e), s - 1, e, p), places(e)),
    ),
    Rewrite(
        "a slice at a computed start, of one number everywhere",
        sliced(filled(v, e + m), start - 1, m),
        filled(v, m),
        (sliced(places(e + m), start - 1, m), places(m)),
    ),
    Rewrite("broadcast places", wide(places(n), m), places(n, m), (wide(places(n), n), places(n, n, axis=1))),
    Rewrite(
        "a broadcast of a broadcast", wide(wide(A, m), r), wide(A, m, r), (wide(swapped(wide(A, n)), r), wide(A, n, r))
    ),
)

PLACES = (
    Rewrite("the place on an axis of one entry is 0", places(1, m), filled(0, 1, m), (places(2, m), filled(0, 2, m))),
)

TRANSPOSE = (
    Rewrite(
        "a transpose of a transpose", swapped(swapped(S)), S, (swapped(sf.tensor("G", n, n)), sf.tensor("G", n, n))
    ),
    Rewrite(
        "a transpose that changes nothing",
        swapped(wide(filled(v, n), n)),
        filled(v, n, n),
        (swapped(wide(A, n)), wide(A, n)),
    ),
)

REVERSE = (
    Rewrite(
        "an axis of one entry, turned round",
        turned(sf.tensor("O", 1, m)),
        sf.tensor("O", 1, m),
        (turned(sf.tensor("O", 2, m)), sf.tensor("O", 2, m)),
    ),
    Rewrite("turned round twice", turned(turned(S)), S, (turned(turned(S), axis=1), S)),
    Rewrite(
        "turned round along two axes and two more: once along those that differ",
        turned(turned(turned(turned(K, 0), 1), 1), 2),
        turned(turned(K, 2), 0),
        (turned(turned(turned(turned(K, 0), 1), 1), 2), turned(turned(K, 1), 0)),
    ),
    Rewrite(
        "a number added before or after turning round",
        turned(each(lambda x: x + c, A)),
        each(lambda x: x + c, turned(A)),
        (turned(each(add, A, D)), each(add, turned(A), D)),
    ),
)

SLICE = (
    Rewrite(
        "a slice of all", sliced(A, 0, n), A, (sliced(sf.tensor("L", n + 1), 1, n), sliced(sf.tensor("L", n + 1), 0, n))
    ),
    Rewrite(
        "a slice of one number",
        sliced(filled(v, s + p * e), s - 1, e, p),
        filled(v, e),
        (sliced(places(s + p * e), s, e, p), sliced(places(s + p * e), s - 1, e, p)),
    ),
    Rewrite(
        "a slice of a broadcast, along both axes",
        sliced(sliced(wide(sf.tensor("L", s + p * e), t + q * u), s - 1, e, p), t - 1, u, q, axis=1),
        wide(sliced(sf.tensor("L", s + p * e), s - 1, e, p), u),
        (
            sliced(sliced(wide(sf.tensor("L", s + p * e), t + q * u), s - 1, e, p), t - 1, u, q, axis=1),
            wide(sliced(sf.tensor("L", s + p * e), s, e, p), u),
        ),
    ),
    Rewrite(
        "a slice that takes out what was put in",
        sliced(spaced(A, v, s - 1, p - 1, e - 1), s - 1, n, p),
        A,
        (sliced(spaced(A, v, s - 1, p, e - 1), s - 1, n, p), A),
    ),
    Rewrite(
        "a slice of the padding behind",
        sliced(padded(A, v, s - 1, t + e), s - 1 + n + t - 1, e),
        filled(v, e),
        (sliced(padded(A, v, s - 1, t + e), s + n - 2, e), filled(v, e)),
    ),
    Rewrite(
        "a slice of the padding before",
        sliced(padded(A, v, s + e, t), s - 1, e),
        filled(v, e),
        (sliced(padded(A, v, s + e, t), s + 1, e), filled(v, e)),
    ),
    Rewrite(
        "a slice inside of what was padded",
        sliced(padded(sf.tensor("L", s + e + t), v, u, w), u + s, e),
        sliced(sf.tensor("L", s + e + t), s, e),
        (sliced(padded(sf.tensor("L", s + e + t), v, u, w), u + s, e), sliced(sf.tensor("L", s + e + t), s - 1, e)),
    ),
    Rewrite(
        "a slice of a slice",
        sliced(sliced(sf.tensor("L", s + t + e), s, t + e), t, e),
        sliced(sf.tensor("L", s + t + e), s + t, e),
        (
            sliced(sliced(sf.tensor("L", 2 * (s + t + e)), s, t + e, 2), t, e),
            sliced(sf.tensor("L", 2 * (s + t + e)), s + t, e, 2),
        ),
    ),
    Rewrite(
        "a slice that is the second of two joined", sliced(joined(S, T), n, r), T, (sliced(joined(S, T), n - 1, r), T)
    ),
    Rewrite(
        "a slice along a broadcast axis",
        sliced(wide(A, s + p * e), s - 1, e, p, axis=1),
        wide(A, e),
        (sliced(wide(sf.tensor("L", s + p * e), n), s - 1, e, p), wide(sliced(sf.tensor("L", s + p * e), s, e, p), n)),
    ),
    Rewrite(
        "a slice inside of the first of two joined",
        sliced(joined(sf.tensor("L", s + p * e, m), T), s - 1, e, p),
        sliced(sf.tensor("L", s + p * e, m), s - 1, e, p),
        (
            sliced(joined(sf.tensor("L", s + p * e, m), T), s - 1, e + 1, p),
            sliced(sf.tensor("L", s + p * e + p, m), s - 1, e + 1, p),
        ),
    ),
    Rewrite(
        "a slice inside of the second of two joined",
        sliced(joined(S, sf.tensor("L", s + p * e, m)), n + s - 1, e, p),
        sliced(sf.tensor("L", s + p * e, m), s - 1, e, p),
        (
            sliced(joined(S, sf.tensor("L", s + p * e, m)), n + s, e, p),
            sliced(sf.tensor("L", s + p * e, m), s - 1, e, p),
        ),
    ),
    Rewrite(
        "a slice behind the first of three joined",
        sliced(joined(S, T, Z), n + s - 1, e),
        sliced(joined(T, Z), s - 1, e),
        (sliced(joined(S, T, Z), n + s - 1, e), sliced(joined(Z, T), s - 1, e)),
        (is_(s + e, "≤", r + w),),
    ),
    Rewrite(
        "a slice of what is turned round",
        sliced(turned(sf.tensor("L", s + p * (e - 1) + t)), s - 1, e, p),
        turned(sliced(sf.tensor("L", s + p * (e - 1) + t), t, e, p)),
        (
            sliced(turned(sf.tensor("L", s + p * (e - 1) + t)), s - 1, e, p),
            turned(sliced(sf.tensor("L", s + p * (e - 1) + t), t - 1, e, p)),
        ),
    ),
)

PAD = (
    Rewrite("a pad of nothing", spaced(A, v, 0, 0, 0), A, (spaced(A, v, 1, 0, 0), joined(A, filled(v, 1)))),
    Rewrite(
        "nothing stands between entries where there is one",
        spaced(sf.tensor("O", 1), v, s - 1, t, e - 1),
        padded(sf.tensor("O", 1), v, s - 1, e - 1),
        (
            spaced(sf.tensor("O", 2), v, s - 1, 1, e - 1),
            padded(joined(sf.tensor("O", 2), filled(v, 1)), v, s - 1, e - 1),
        ),
    ),
    Rewrite(
        "a pad of a broadcast along other axes",
        padded(padded(wide(A, m, r), v, s, t), v, u, w, axis=1),
        wide(padded(padded(wide(A, m), v, s, t), v, u, w, axis=1), r),
        (
            padded(padded(wide(A, m, r), v, s, t), v, u, w, axis=1),
            wide(padded(padded(wide(A, m), v, s, t), c, u, w, axis=1), r),
        ),
    ),
    Rewrite(
        "a pad by less than nothing is a slice of a pad",
        sliced(padded(sf.tensor("L", s + m + t), v, 0, u), s, m + t + u),
        padded(sliced(sf.tensor("L", s + m + t), s, m + t), v, 0, u),
        (
            sliced(padded(sf.tensor("L", s + m + t), v, 0, u), s, m + t + u),
            padded(sliced(sf.tensor("L", s + m + t), s - 1, m + t), v, 0, u),
        ),
    ),
)

JOIN = (
    Rewrite(
        "two of a list joined",
        joined(S, T),
        joined(S, T),
        (joined(S, sf.tensor("S'", n, m)), joined(sf.tensor("S'", n, m), S)),
    ),
    Rewrite(
        "joined from the right or from the left",
        joined(S, joined(T, Z)),
        joined(joined(S, T), Z),
        (joined(S, joined(T, Z)), joined(joined(S, Z), T)),
    ),
    Rewrite(
        "three of a list joined, the last two first",
        joined(S, T, Z),
        joined(S, joined(T, Z)),
        (joined(S, T, Z), joined(joined(T, S), Z)),
    ),
    Rewrite(
        "two slices side by side are one",
        joined(sliced(sf.tensor("L", s + t + e), s - 1, t), sliced(sf.tensor("L", s + t + e), s - 1 + t, e)),
        sliced(sf.tensor("L", s + t + e), s - 1, t + e),
        (
            joined(sliced(sf.tensor("L", s + t + e), s - 1, t), sliced(sf.tensor("L", s + t + e), s + t, e)),
            sliced(sf.tensor("L", s + t + e), s - 1, t + e),
        ),
    ),
    Rewrite(
        "one number everywhere in front is a pad",
        joined(filled(v, s, m), S),
        padded(S, v, s, 0),
        (joined(filled(v, s, m), S), padded(S, c, s, 0)),
    ),
    Rewrite(
        "one number everywhere behind is a pad",
        joined(S, filled(v, s, m)),
        padded(S, v, 0, s),
        (joined(S, filled(v, n, m)), padded(S, v, n, 0)),
    ),
    Rewrite(
        "joins inside of joins are one list",
        joined(S, joined(T, Z)),
        joined(S, T, Z),
        (joined(S, joined(T, Z)), joined(S, Z, T)),
    ),
)

DYNAMIC = (
    Rewrite(
        "a slice at a computed start is a slice",
        sliced(sf.tensor("L", e + m), start - 1, m),
        sliced(sf.tensor("L", e + m), -1 + start, m, 1),
        (sliced(sf.tensor("L", e + m), start - 1, m), sliced(sf.tensor("L", e + m), start, m)),
    ),
    Rewrite(
        "a slice as long as what it is of",
        sliced(A, sf.tensor("b1", kind="integer", upper=1)[()] - 1, n),
        A,
        (
            sliced(sf.tensor("L", n + 1), sf.tensor("b2", kind="integer", upper=2)[()] - 1, n),
            sliced(sf.tensor("L", n + 1), 0, n),
        ),
    ),
    Rewrite(
        "a slice at computed starts, of a broadcast",
        sliced(sliced(wide(sf.tensor("L", e + m), u + w), start - 1, m), other - 1, w, axis=1),
        wide(sliced(sf.tensor("L", e + m), start - 1, m), w),
        (
            sliced(sliced(wide(sf.tensor("L", e + m), e + w), start - 1, m), start - 1, w, axis=1),
            wide(sliced(sf.tensor("L", e + m), 0, m), w),
        ),
    ),
    Rewrite(
        "a transpose before or after a slice at a computed start",
        swapped(sliced(sf.tensor("L", e + m, n), start - 1, m)),
        sliced(swapped(sf.tensor("L", e + m, n)), start - 1, m, axis=1),
        (
            swapped(sliced(sf.tensor("L", e + m, e + m), start - 1, m)),
            swapped(sliced(swapped(sf.tensor("L", e + m, e + m)), start - 1, m)),
        ),
    ),
    Rewrite(
        "slices at computed starts, one of the other",
        sliced(sliced(sf.tensor("L", e + u + m), start - 1, u + m), other - 1, m),
        sliced(sf.tensor("L", e + u + m), start + other - 2, m),
        (
            sliced(sliced(sf.tensor("L", e + u + m), start - 1, u + m), other - 1, m),
            sliced(sf.tensor("L", e + u + m), start + other - 1, m),
        ),
    ),
    Rewrite(
        "a slice of one place is that place",
        sliced(places(e + 1), start - 1, 1),
        filled(start - 1 + 0 * v, 1),
        (sliced(places(e + 1), start - 1, 1), filled(start + 0 * v, 1)),
    ),
)

UPDATE = (
    Rewrite(
        "adding what stands in a place of nothing is an update of a sum",
        each(add, sf.tensor("L", e + m), updated(filled(0, e + m), B, start - 1)),
        updated(sf.tensor("L", e + m), each(add, B, sliced(sf.tensor("L", e + m), start - 1, m)), start - 1),
        (
            each(add, sf.tensor("L", e + m), updated(filled(0, e + m), B, start - 1)),
            updated(sf.tensor("L", e + m), B, start - 1),
        ),
    ),
    Rewrite(
        "an update of one number everywhere is a pad",
        updated(filled(v, s + m + t), B, s),
        padded(B, v, s, t),
        (updated(filled(v, s + m + s), B, s), padded(B, v, s - 1, s + 1)),
    ),
    Rewrite(
        "an update of what was sliced out of the same",
        updated(
            sf.tensor("L", e + u + m),
            updated(sliced(sf.tensor("L", e + u + m), start - 1, u + m), B, other - 1),
            start - 1,
        ),
        updated(sf.tensor("L", e + u + m), B, start + other - 2),
        (
            updated(
                sf.tensor("L", e + u + m),
                updated(sliced(sf.tensor("L", e + u + m), start - 1, u + m), B, other - 1),
                start - 1,
            ),
            updated(sf.tensor("L", e + u + m), B, other - 1),
        ),
    ),
)

RULES = {
    "broadcast": BROADCAST,
    "iota": PLACES,
    "transpose": TRANSPOSE,
    "reverse": REVERSE,
    "slice": SLICE,
    "pad": PAD,
    "concatenate": JOIN,
    "dynamic slice": DYNAMIC,
    "dynamic update": UPDATE,
}
