/* gelu_vjp, written by SymFormer: C99, and nothing but the standard library.

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

/* The normal distribution: t P(t) exp(-z^2/2) with t = 1/(1 + 0.25 z) is what lies beyond z >= 0. In
   exp, z is a multiple of a power of 2, whose square is exact, and a small rest: far out no digits are lost. */
static inline float normal_cdf_float(float x)
{
    float z = x < 0 ? -x : x, t = 1 / (0.25f * z + 1), p = 0.020814888402995148f * t, near, rest;
    z = z > 20 ? 20 : z;
    near = (z + 49152.0f) - 49152.0f;
    rest = -0.5f * ((z - near) * (z + near));
    p = (p + -0.0853892299367803f) * t;
    p = (p + 0.10379885752280021f) * t;
    p = (p + -0.039746863367765436f) * t;
    p = (p + 0.06827399573344861f) * t;
    p = (p + 0.057446258240644865f) * t;
    p = (p + 0.08188963176605919f) * t;
    p = (p + 0.0934395147095263f) * t;
    p = (p + 0.09973739676829958f) * t;
    p = (p + 0.09973556103636351f) * t;
    p = p * (1 + rest * (1 + rest * (0.5f + rest * 0.16666667f)));
    p = p * exp_float(-0.5f * near * near);
    return x > 0 ? 1 - p : p;
}

static inline float sigmoid_slope_float(float x)
{
    float small = exp_float(x < 0 ? x : -x);
    return small / ((1 + small) * (1 + small));
}

/* x times a factor whose 0 wins over an infinite x */
static inline float damped_float(float x, float factor)
{
    float y = x * factor, calm = isinf(x) ? factor : y;
    return factor == 0 ? calm : y;
}

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

/* The normal distribution: t P(t) exp(-z^2/2) with t = 1/(1 + 0.2 z) is what lies beyond z >= 0. In
   exp, z is a multiple of a power of 2, whose square is exact, and a small rest: far out no digits are lost. */
static inline double normal_cdf_double(double x)
{
    double z = x < 0 ? -x : x, t = 1 / (0.2 * z + 1), p = -0.0006850298877882599 * t, near, rest;
    z = z > 40 ? 40 : z;
    near = (z + 6442450944.0) - 6442450944.0;
    rest = -0.5 * ((z - near) * (z + near));
    p = (p + 0.007324049001092023) * t;
    p = (p + -0.0353608951690396) * t;
    p = (p + 0.10149056154743838) * t;
    p = (p + -0.19250987113973253) * t;
    p = (p + 0.2559406416250384) * t;
    p = (p + -0.2504086382399611) * t;
    p = (p + 0.1885676704829755) * t;
    p = (p + -0.10997415719857502) * t;
    p = (p + 0.04890169410866331) * t;
    p = (p + -0.020076890917692217) * t;
    p = (p + 0.003860562644911952) * t;
    p = (p + 0.0003217463382828372) * t;
    p = (p + 0.007105058497225468) * t;
    p = (p + 0.015085300216189297) * t;
    p = (p + 0.02563693023947511) * t;
    p = (p + 0.037583380641327116) * t;
    p = (p + 0.04978800490411994) * t;
    p = (p + 0.061022210953057675) * t;
    p = (p + 0.07021384135538963) * t;
    p = (p + 0.07659691783702884) * t;
    p = (p + 0.07978845608028673) * t;
    p = (p + 0.07978845608028654) * t;
    p = p * (1 + rest * (1 + rest * (0.5 + rest * 0.16666666666666666)));
    p = p * exp_double(-0.5 * near * near);
    return x > 0 ? 1 - p : p;
}

static inline double sigmoid_slope_double(double x)
{
    double small = exp_double(x < 0 ? x : -x);
    return small / ((1 + small) * (1 + small));
}

/* x times a factor whose 0 wins over an infinite x */
static inline double damped_double(double x, double factor)
{
    double y = x * factor, calm = isinf(x) ? factor : y;
    return factor == 0 ? calm : y;
}

int gelu_vjp_float(ptrdiff_t r, const float *dy, const float *x, const char *approximate, float *restrict dx)
{
    int outside = 0;
    const int approximate_is_none = strcmp(approximate, "none") == 0;
    (void)r;
    (void)dy;
    (void)x;
    (void)approximate;
    float t = 0;
    float dt = 0;
    float dx_t = 0;
    (void)t;
    (void)dt;
    (void)dx_t;
    if (approximate_is_none) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* t_i = Φ(x_i) */
            t = normal_cdf_float(x[i0]);
            /* dt_i = x_i dy_i */
            dt = (x[i0] * dy[i0]);
            /* dx_[t;i] = (dt_i exp((−x_i^2)/2))/√(2 π) */
            dx_t = damped_float(dt, (exp_float(((-(x[i0] * x[i0])) / (float)(2.0))) / (float)(sqrt((2.0 * 3.141592653589793)))));
            /* dx_i = dy_i t_i + dx_[t;i] */
            dx[i0] = ((dy[i0] * t) + dx_t);
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* σ(2 √(2/π)(x_i + 0.044715 x_i^3)) */
            t = ((float)(1.0) / ((float)(1.0) + exp_float((-((float)((2.0 * sqrt((2.0 / 3.141592653589793)))) * (x[i0] + ((float)(0.044715) * ((x[i0] * x[i0]) * x[i0]))))))));
            /* dt_i = x_i dy_i */
            dt = (x[i0] * dy[i0]);
            /* √(2/π) dt_i t_i(1 − t_i)(2 + (26829 x_i^2)/100000) */
            dx_t = damped_float((((float)(sqrt((2.0 / 3.141592653589793))) * dt) * ((float)(2.0) + (((float)(26829.0) * (x[i0] * x[i0])) / (float)(100000.0)))), sigmoid_slope_float(((float)((2.0 * sqrt((2.0 / 3.141592653589793)))) * (x[i0] + ((float)(0.044715) * ((x[i0] * x[i0]) * x[i0]))))));
            /* dx_i = dy_i t_i + dx_[t;i] */
            dx[i0] = ((dy[i0] * t) + dx_t);
        }
    }
    return outside;
}

int gelu_vjp_double(ptrdiff_t r, const double *dy, const double *x, const char *approximate, double *restrict dx)
{
    int outside = 0;
    const int approximate_is_none = strcmp(approximate, "none") == 0;
    (void)r;
    (void)dy;
    (void)x;
    (void)approximate;
    double t = 0;
    double dt = 0;
    double dx_t = 0;
    (void)t;
    (void)dt;
    (void)dx_t;
    if (approximate_is_none) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* t_i = Φ(x_i) */
            t = normal_cdf_double(x[i0]);
            /* dt_i = x_i dy_i */
            dt = (x[i0] * dy[i0]);
            /* dx_[t;i] = (dt_i exp((−x_i^2)/2))/√(2 π) */
            dx_t = damped_double(dt, (exp_double(((-(x[i0] * x[i0])) / (double)(2.0))) / (double)(sqrt((2.0 * 3.141592653589793)))));
            /* dx_i = dy_i t_i + dx_[t;i] */
            dx[i0] = ((dy[i0] * t) + dx_t);
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* σ(2 √(2/π)(x_i + 0.044715 x_i^3)) */
            t = ((double)(1.0) / ((double)(1.0) + exp_double((-((double)((2.0 * sqrt((2.0 / 3.141592653589793)))) * (x[i0] + ((double)(0.044715) * ((x[i0] * x[i0]) * x[i0]))))))));
            /* dt_i = x_i dy_i */
            dt = (x[i0] * dy[i0]);
            /* √(2/π) dt_i t_i(1 − t_i)(2 + (26829 x_i^2)/100000) */
            dx_t = damped_double((((double)(sqrt((2.0 / 3.141592653589793))) * dt) * ((double)(2.0) + (((double)(26829.0) * (x[i0] * x[i0])) / (double)(100000.0)))), sigmoid_slope_double(((double)((2.0 * sqrt((2.0 / 3.141592653589793)))) * (x[i0] + ((double)(0.044715) * ((x[i0] * x[i0]) * x[i0]))))));
            /* dx_i = dy_i t_i + dx_[t;i] */
            dx[i0] = ((dy[i0] * t) + dx_t);
        }
    }
    return outside;
}
