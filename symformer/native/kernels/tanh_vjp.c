/* tanh_vjp, written by SymFormer: C99, and nothing but the standard library.

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

static inline float sigmoid_slope_float(float x)
{
    float small = exp_float(x < 0 ? x : -x);
    return small / ((1 + small) * (1 + small));
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

static inline double sigmoid_slope_double(double x)
{
    double small = exp_double(x < 0 ? x : -x);
    return small / ((1 + small) * (1 + small));
}

int tanh_vjp_float(ptrdiff_t r, const float *dy, const float *x, float *restrict dx)
{
    int outside = 0;
    (void)r;
    (void)dy;
    (void)x;
    float ds = 0;
    (void)ds;
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        /* ds_i = 2 dy_i */
        ds = ((float)(2.0) * dy[i0]);
        /* dx_i = 2 ds_i s_i(1 − s_i) */
        dx[i0] = (((float)(2.0) * ds) * sigmoid_slope_float(((float)(2.0) * x[i0])));
    }
    return outside;
}

int tanh_vjp_double(ptrdiff_t r, const double *dy, const double *x, double *restrict dx)
{
    int outside = 0;
    (void)r;
    (void)dy;
    (void)x;
    double ds = 0;
    (void)ds;
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        /* ds_i = 2 dy_i */
        ds = ((double)(2.0) * dy[i0]);
        /* dx_i = 2 ds_i s_i(1 − s_i) */
        dx[i0] = (((double)(2.0) * ds) * sigmoid_slope_double(((double)(2.0) * x[i0])));
    }
    return outside;
}
