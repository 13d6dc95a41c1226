"""The functions of our own that a C file has in front: only those that it calls, each after what it calls."""

from __future__ import annotations

import re
from functools import cache

from sympy import Matrix, Rational, cos, exp, log, pi

INCLUDES = "#include <math.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n#include <string.h>\n"


def _chebyshev(degree: int) -> tuple[float, ...]:
    """Coefficients of e^r, highest power first, that interpolate at the Chebyshev nodes of |r| ≤ log(2)/2."""
    half = (log(2) / 2).evalf(60) * Rational(1001, 1000)
    nodes = [(half * cos(pi * (2 * place + 1) / (2 * degree + 2))).evalf(60) for place in range(degree + 1)]
    rows = Matrix([[node**power for power in range(degree, -1, -1)] for node in nodes])
    return tuple(float(one) for one in rows.LUsolve(Matrix([exp(node).evalf(60) for node in nodes])))


def _exponential(real: str, coefficients: tuple[float, ...]) -> str:
    f = real == "float"
    unsigned, bits, bias = ("uint32_t", 23, 127) if f else ("uint64_t", 52, 1023)
    magic, low, high = ("12582912.0f", "-104.0f", "89.0f") if f else ("6755399441055744.0", "-746.0", "710.0")
    parts = ("0.693359375f", "-2.12194440e-4f") if f else ("6.93147180369123816490e-01", "1.90821492927058770002e-10")
    dot = "f" if f else ""
    steps = "\n".join(f"    p = p * r + {one!r}{dot};" for one in coefficients[1:])
    return f"""/* e^x: clamp, y = x log2(e), round to n, a polynomial of degree {len(coefficients) - 1} of the rest,
   times 2^n by adding to the exponent, in two halves which keeps subnormal numbers and infinity. At most 2 ulp off. */
static inline {real} exp_{real}({real} x)
{{
    union {{ {real} number; {unsigned} bits; }} n, one, two;
    {real} r, p;
    {unsigned} whole, half;
    x = x < {low} ? {low} : x;
    x = x > {high} ? {high} : x;
    n.number = x * {"1.44269504f" if f else "1.4426950408889634"} + {magic};
    one.number = {magic};
    whole = n.bits - one.bits + {1 << (10 if f else 12)}u; /* not negative */
    r = n.number - {magic};
    p = r;
    r = x - p * {parts[0]};
    r = r - p * {parts[1]};
    p = {coefficients[0]!r}{dot};
{steps}
    half = whole >> 1;
    one.bits = (half - {(1 << (10 if f else 12)) // 2}u + {bias}u) << {bits};
    two.bits = (whole - half - {(1 << (10 if f else 12)) // 2}u + {bias}u) << {bits};
    return p * one.number * two.number;
}}
"""


TAIL32 = (0.25, 0.020814888402995148, -0.0853892299367803, 0.10379885752280021, -0.039746863367765436,
          0.06827399573344861, 0.057446258240644865, 0.08188963176605919, 0.0934395147095263, 0.09973739676829958,
          0.09973556103636351)  # fmt: skip
TAIL64 = (0.2, -0.0006850298877882599, 0.007324049001092023, -0.0353608951690396, 0.10149056154743838,
          -0.19250987113973253, 0.2559406416250384, -0.2504086382399611, 0.1885676704829755, -0.10997415719857502,
          0.04890169410866331, -0.020076890917692217, 0.003860562644911952, 0.0003217463382828372,
          0.007105058497225468, 0.015085300216189297, 0.02563693023947511, 0.037583380641327116, 0.04978800490411994,
          0.061022210953057675, 0.07021384135538963, 0.07659691783702884, 0.07978845608028673,
          0.07978845608028654)  # fmt: skip


def _normal(real: str) -> str:
    dot = "f" if real == "float" else ""
    slope, first, *rest = TAIL32 if dot else TAIL64
    steps = "\n".join(f"    p = (p + {one!r}{dot}) * t;" for one in rest)
    most, grid = ("20", "49152.0f") if dot else ("40", "6442450944.0")
    half, sixth = ("0.5f", "0.16666667f") if dot else ("0.5", "0.16666666666666666")
    return f"""/* The normal distribution: t P(t) exp(-z^2/2) with t = 1/(1 + {slope} z) is what lies beyond z >= 0. In
   exp, z is a multiple of a power of 2, whose square is exact, and a small rest: far out no digits are lost. */
static inline {real} normal_cdf_{real}({real} x)
{{
    {real} z = x < 0 ? -x : x, t = 1 / ({slope}{dot} * z + 1), p = {first!r}{dot} * t, near, rest;
    z = z > {most} ? {most} : z;
    near = (z + {grid}) - {grid};
    rest = {real_half(real)} * ((z - near) * (z + near));
{steps}
    p = p * (1 + rest * (1 + rest * ({half} + rest * {sixth})));
    p = p * exp_{real}({real_half(real)} * near * near);
    return x > 0 ? 1 - p : p;
}}
"""


SERIES32 = (0.6666666269302368, 0.40000972151756287, 0.28498786687850952, 0.24279078841209412)
SERIES64 = (6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
            1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01)  # fmt: skip


def _log1p(real: str) -> str:
    """log(1 + x) without a branch, by the series of fdlibm for log(1 + f), f between 1/√2 − 1 and √2 − 1."""
    f = real == "float"
    unsigned, bits, one, root, whole = (
        ("uint32_t", 23, "0x3f800000u", "0x3f3504f3u", "0x4b000000u") if f else
        ("uint64_t", 52, "0x3ff0000000000000u", "0x3fe6a09e00000000u", "0x4330000000000000u")
    )  # fmt: skip
    dot, most = ("f", "3.4028234663852886e38f") if f else ("", "1.7976931348623157e308")
    low, high = (
        ("9.0580006145e-06f", "0.69313812256f") if f else ("1.90821492927058770002e-10", "0.693147180369123816490")
    )
    steps = "\n".join(f"    p = p * z + {number!r}{dot};" for number in reversed((SERIES32 if f else SERIES64)[:-1]))
    return f"""/* log(1 + x): u = 1 + x is 2^k m, f = m - 1; what u lost of x is added in the end. At most 2 ulp off. */
static inline {real} log1p_{real}({real} x)
{{
    union {{ {real} number; {unsigned} bits; }} u, m, k;
    {real} f, s, z, p, half, r, v = 1 + x;
    u.number = v;
    u.bits += {one} - {root};
    k.bits = (u.bits >> {bits}) | {whole};
    m.bits = (u.bits & (({unsigned})-1 >> {9 if f else 12})) + {root};
    k.number = k.number - {f"{2.0**23 + 127}f" if f else repr(2.0**52 + 1023)};
    f = m.number - 1;
    s = f / (2 + f);
    z = s * s;
    half = {"0.5f" if f else "0.5"} * f * f;
    p = {(SERIES32 if f else SERIES64)[-1]!r}{dot};
{steps}
    r = s * (half + p * z) + (k.number * {low} + (x - (v - 1)) / v) - half + f + k.number * {high};
    r = v > {most} ? v : r;
    r = v == 0 ? -INFINITY : r;
    r = v < 0 ? NAN : r;
    return v != v ? v : r;
}}
"""


def real_half(real: str) -> str:
    """−1/2 as a number of C."""
    return "-0.5f" if real == "float" else "-0.5"


def _of(real: str) -> dict[str, str]:
    dot = "f" if real == "float" else ""
    head = f"static inline {real}"
    return {
        f"exp_{real}": _exponential(real, _chebyshev(6 if dot else 11)),
        f"normal_cdf_{real}": _normal(real),
        f"log1p_{real}": _log1p(real),
        f"erf_{real}": f"{head} erf_{real}({real} x) {{ return erf{dot}(x); }}\n",
        f"sigmoid_slope_{real}": f"""{head} sigmoid_slope_{real}({real} x)
{{
    {real} small = exp_{real}(x < 0 ? x : -x);
    return small / ((1 + small) * (1 + small));
}}
""",
        f"tanh_slope_{real}": f"{head} tanh_slope_{real}({real} x) {{ return 4 * sigmoid_slope_{real}(2 * x); }}\n",
        f"damped_{real}": f"""/* x times a factor whose 0 wins over an infinite x */
{head} damped_{real}({real} x, {real} factor)
{{
    {real} y = x * factor, calm = isinf(x) ? factor : y;
    return factor == 0 ? calm : y;
}}
""",
        f"zero_wins_{real}": f"""{head} zero_wins_{real}({real} x, {real} y)
{{
    return (x == 0 && isinf(y)) || (y == 0 && isinf(x)) ? 0 : x * y;
}}
""",
        f"zero_times_{real}": f"""/* x times a factor that is 0 where x is hidden */
{head} zero_times_{real}({real} x, {real} factor) {{ return factor == 0 && !isfinite(x) ? 0 : x * factor; }}
""",
        f"seen_{real}": f"""/* a product in which the 0 of the first, which says what is hidden, wins over NaN */
{head} seen_{real}({real} x, {real} y) {{ return x == 0 ? 0 : x * y; }}
""",
        f"from_max_{real}": f"""/* x minus the maximum of its row; 0 where both are infinite */
{head} from_max_{real}({real} x, {real} top) {{ return x == top ? 0 : x - top; }}
""",
        f"larger_{real}": f"""{head} larger_{real}({real} x, {real} y) {{ return x > y || x != x ? x : y; }}
""",
        f"smaller_{real}": f"""{head} smaller_{real}({real} x, {real} y) {{ return x < y || x != x ? x : y; }}
""",
        f"sign_{real}": f"{head} sign_{real}({real} x) {{ return x != x ? x : ({real})((x > 0) - (x < 0)); }}\n",
        f"modulo_{real}": f"{head} modulo_{real}({real} x, {real} y) {{ return x - floor{dot}(x / y) * y; }}\n",
    }


_WHOLE = {
    "larger_of": "static inline ptrdiff_t larger_of(ptrdiff_t x, ptrdiff_t y) { return x > y ? x : y; }\n",
    "smaller_of": "static inline ptrdiff_t smaller_of(ptrdiff_t x, ptrdiff_t y) { return x < y ? x : y; }\n",
    "quotient_of": """static inline ptrdiff_t quotient_of(ptrdiff_t x, ptrdiff_t y)
{
    return x / y - ((x % y != 0) && ((x < 0) != (y < 0)));
}
""",
    "remainder_of": """static inline ptrdiff_t remainder_of(ptrdiff_t x, ptrdiff_t y)
{
    ptrdiff_t rest = x % y;
    return rest != 0 && ((rest < 0) != (y < 0)) ? rest + y : rest;
}
""",
    "place_of": """/* a position that is inside its axis, or 0 and a mark */
static inline ptrdiff_t place_of(ptrdiff_t at, ptrdiff_t size, int *outside)
{
    if (at >= 0 && at < size)
        return at;
    *outside = 1;
    return 0;
}
""",
}


@cache
def functions() -> dict[str, str]:
    """The text of every function, by name, each after what it calls."""
    return {**_WHOLE, **_of("float"), **_of("double")}


def called_by(used: set[str]) -> list[str]:
    """The texts of the functions that are used, and of those that they call."""
    known, wanted = functions(), set(used)
    while True:
        more = {name for one in wanted for name in re.findall(r"\w+", known[one]) if name in known} - wanted
        if not more:
            return [text for name, text in known.items() if name in wanted]
        wanted |= more
