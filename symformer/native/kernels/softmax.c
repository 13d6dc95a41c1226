/* softmax, written by SymFormer: C99, and nothing but the standard library.

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

/* x minus the maximum of its row; 0 where both are infinite */
static inline float from_max_float(float x, float top) { return x == top ? 0 : x - top; }

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

/* x minus the maximum of its row; 0 where both are infinite */
static inline double from_max_double(double x, double top) { return x == top ? 0 : x - top; }

int softmax_float(ptrdiff_t n, ptrdiff_t r, const float *x, float *restrict y)
{
    int outside = 0;
    (void)n;
    (void)r;
    (void)x;
    float *u = malloc((((size_t)(n)) + 1) * sizeof(float));
    float m = 0;
    float Z = 0;
    (void)m;
    (void)Z;
    if (u == NULL) {
        outside = -1;
        goto done;
    }
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        /* m_i = max_k x_ik */
        {
            float lanes[32], odd[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = -INFINITY, odd[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    const float value = x[(i0) * n + (i1 + lane)];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = value != value ? value : odd[lane];
                }
            for (; i1 < n; ++i1) {
                const float value = x[(i0) * n + i1];
                lanes[0] = value > lanes[0] ? value : lanes[0];
                odd[0] = value != value ? value : odd[0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    const float value = lanes[lane + half];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = odd[lane + half] != odd[lane + half] ? odd[lane + half] : odd[lane];
                }
            m = odd[0] != odd[0] ? odd[0] : lanes[0] == -INFINITY ? 0 : lanes[0];
        }
        /* u_ij = exp(x_ij − m_i) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            u[i1] = exp_float(from_max_float(x[(i0) * n + i1], m));
        }
        /* Z_i = Σ_k u_ik */
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += u[(i1 + lane)];
                }
            for (; i1 < n; ++i1) {
                lanes[0] += u[i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            Z = lanes[0];
        }
        /* y_ij = u_ij/(Z_i + [Z_i = 0]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            y[(i0) * n + i1] = (u[i1] / (Z + (float)((Z == (float)(0.0)))));
        }
    }
done:
    free(u);
    return outside;
}

int softmax_double(ptrdiff_t n, ptrdiff_t r, const double *x, double *restrict y)
{
    int outside = 0;
    (void)n;
    (void)r;
    (void)x;
    double *u = malloc((((size_t)(n)) + 1) * sizeof(double));
    double m = 0;
    double Z = 0;
    (void)m;
    (void)Z;
    if (u == NULL) {
        outside = -1;
        goto done;
    }
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        /* m_i = max_k x_ik */
        {
            double lanes[32], odd[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = -INFINITY, odd[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    const double value = x[(i0) * n + (i1 + lane)];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = value != value ? value : odd[lane];
                }
            for (; i1 < n; ++i1) {
                const double value = x[(i0) * n + i1];
                lanes[0] = value > lanes[0] ? value : lanes[0];
                odd[0] = value != value ? value : odd[0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    const double value = lanes[lane + half];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = odd[lane + half] != odd[lane + half] ? odd[lane + half] : odd[lane];
                }
            m = odd[0] != odd[0] ? odd[0] : lanes[0] == -INFINITY ? 0 : lanes[0];
        }
        /* u_ij = exp(x_ij − m_i) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            u[i1] = exp_double(from_max_double(x[(i0) * n + i1], m));
        }
        /* Z_i = Σ_k u_ik */
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += u[(i1 + lane)];
                }
            for (; i1 < n; ++i1) {
                lanes[0] += u[i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            Z = lanes[0];
        }
        /* y_ij = u_ij/(Z_i + [Z_i = 0]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            y[(i0) * n + i1] = (u[i1] / (Z + (double)((Z == (double)(0.0)))));
        }
    }
done:
    free(u);
    return outside;
}
