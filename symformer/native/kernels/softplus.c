/* softplus, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* e^x: clamp, y = x log2(e), round to n, a polynomial of degree 6 of the rest,
   times 2^n by adding to the exponent, in two halves which keeps subnormal numbers and infinity. At most 2 ulp off. */
static inline float exp_float(float x)
{
    union { float number; uint32_t bits; } n, one, two;
    float r, p;
    uint32_t whole, half;
    x = x < -104.0f ? -104.0f : x;
    x = x > 89.0f ? 89.0f : x;
    n.number = x * 1.44269504f + 12582912.0f;
    one.number = 12582912.0f;
    whole = n.bits - one.bits + 1024u; /* not negative */
    r = n.number - 12582912.0f;
    p = r;
    r = x - p * 0.693359375f;
    r = r - p * -2.12194440e-4f;
    p = 0.0013941213100006334f;
    p = p * r + 0.008375210200870016f;
    p = p * r + 0.04166635163844457f;
    p = p * r + 0.1666641450716956f;
    p = p * r + 0.5000000047401394f;
    p = p * r + 1.0000000379432992f;
    p = p * r + 1.0f;
    half = whole >> 1;
    one.bits = (half - 512u + 127u) << 23;
    two.bits = (whole - half - 512u + 127u) << 23;
    return p * one.number * two.number;
}

/* log(1 + x): u = 1 + x is 2^k m, f = m - 1; what u lost of x is added in the end. At most 2 ulp off. */
static inline float log1p_float(float x)
{
    union { float number; uint32_t bits; } u, m, k;
    float f, s, z, p, half, r, v = 1 + x;
    u.number = v;
    u.bits += 0x3f800000u - 0x3f3504f3u;
    k.bits = (u.bits >> 23) | 0x4b000000u;
    m.bits = (u.bits & ((uint32_t)-1 >> 9)) + 0x3f3504f3u;
    k.number = k.number - 8388735.0f;
    f = m.number - 1;
    s = f / (2 + f);
    z = s * s;
    half = 0.5f * f * f;
    p = 0.24279078841209412f;
    p = p * z + 0.2849878668785095f;
    p = p * z + 0.40000972151756287f;
    p = p * z + 0.6666666269302368f;
    r = s * (half + p * z) + (k.number * 9.0580006145e-06f + (x - (v - 1)) / v) - half + f + k.number * 0.69313812256f;
    r = v > 3.4028234663852886e38f ? v : r;
    r = v == 0 ? -INFINITY : r;
    r = v < 0 ? NAN : r;
    return v != v ? v : r;
}

static inline float larger_float(float x, float y) { return x > y || x != x ? x : y; }

/* e^x: clamp, y = x log2(e), round to n, a polynomial of degree 11 of the rest,
   times 2^n by adding to the exponent, in two halves which keeps subnormal numbers and infinity. At most 2 ulp off. */
static inline double exp_double(double x)
{
    union { double number; uint64_t bits; } n, one, two;
    double r, p;
    uint64_t whole, half;
    x = x < -746.0 ? -746.0 : x;
    x = x > 710.0 ? 710.0 : x;
    n.number = x * 1.4426950408889634 + 6755399441055744.0;
    one.number = 6755399441055744.0;
    whole = n.bits - one.bits + 4096u; /* not negative */
    r = n.number - 6755399441055744.0;
    p = r;
    r = x - p * 6.93147180369123816490e-01;
    r = r - p * 1.90821492927058770002e-10;
    p = 2.511015364692893e-08;
    p = p * r + 2.763279054211718e-07;
    p = p * r + 2.7557240604663896e-06;
    p = p * r + 2.4801485074105115e-05;
    p = p * r + 0.00019841269890340666;
    p = p * r + 0.0013888888952696516;
    p = p * r + 0.00833333333331949;
    p = p * r + 0.04166666666648666;
    p = p * r + 0.1666666666666668;
    p = p * r + 0.5000000000000019;
    p = p * r + 1.0;
    p = p * r + 1.0;
    half = whole >> 1;
    one.bits = (half - 2048u + 1023u) << 52;
    two.bits = (whole - half - 2048u + 1023u) << 52;
    return p * one.number * two.number;
}

/* log(1 + x): u = 1 + x is 2^k m, f = m - 1; what u lost of x is added in the end. At most 2 ulp off. */
static inline double log1p_double(double x)
{
    union { double number; uint64_t bits; } u, m, k;
    double f, s, z, p, half, r, v = 1 + x;
    u.number = v;
    u.bits += 0x3ff0000000000000u - 0x3fe6a09e00000000u;
    k.bits = (u.bits >> 52) | 0x4330000000000000u;
    m.bits = (u.bits & ((uint64_t)-1 >> 12)) + 0x3fe6a09e00000000u;
    k.number = k.number - 4503599627371519.0;
    f = m.number - 1;
    s = f / (2 + f);
    z = s * s;
    half = 0.5 * f * f;
    p = 0.14798198605116586;
    p = p * z + 0.15313837699209373;
    p = p * z + 0.1818357216161805;
    p = p * z + 0.22222198432149784;
    p = p * z + 0.2857142874366239;
    p = p * z + 0.3999999999940942;
    p = p * z + 0.6666666666666735;
    r = s * (half + p * z) + (k.number * 1.90821492927058770002e-10 + (x - (v - 1)) / v) - half + f + k.number * 0.693147180369123816490;
    r = v > 1.7976931348623157e308 ? v : r;
    r = v == 0 ? -INFINITY : r;
    r = v < 0 ? NAN : r;
    return v != v ? v : r;
}

static inline double larger_double(double x, double y) { return x > y || x != x ? x : y; }

int softplus_float(ptrdiff_t r, const float *x, float *restrict y)
{
    int outside = 0;
    (void)r;
    (void)x;
    /* y_i = softplus(x_i) */
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        y[i0] = (larger_float(x[i0], (float)(0.0)) + log1p_float(exp_float((-fabsf(x[i0])))));
    }
    return outside;
}

int softplus_double(ptrdiff_t r, const double *x, double *restrict y)
{
    int outside = 0;
    (void)r;
    (void)x;
    /* y_i = softplus(x_i) */
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        y[i0] = (larger_double(x[i0], (double)(0.0)) + log1p_double(exp_double((-fabs(x[i0])))));
    }
    return outside;
}
