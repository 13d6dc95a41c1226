/* kl_divergence, written by SymFormer: C99, and nothing but the standard library.

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

/* x times a factor whose 0 wins over an infinite x */
static inline float damped_float(float x, float factor)
{
    float y = x * factor, calm = isinf(x) ? factor : y;
    return factor == 0 ? calm : y;
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

/* x times a factor whose 0 wins over an infinite x */
static inline double damped_double(double x, double factor)
{
    double y = x * factor, calm = isinf(x) ? factor : y;
    return factor == 0 ? calm : y;
}

/* x minus the maximum of its row; 0 where both are infinite */
static inline double from_max_double(double x, double top) { return x == top ? 0 : x - top; }

int kl_divergence_float(ptrdiff_t n, ptrdiff_t r, const float *p_logits, const float *q_logits, float *restrict y)
{
    int outside = 0;
    (void)n;
    (void)r;
    (void)p_logits;
    (void)q_logits;
    float *c_p = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *u_p = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *p = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *c_q = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *u_q = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *t = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *q = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *b = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *h = malloc((((size_t)(n)) + 1) * sizeof(float));
    float m_p = 0;
    float Z_p = 0;
    float S_p = 0;
    float m_q = 0;
    float Z_q = 0;
    float S_q = 0;
    float y_part_1 = 0;
    (void)m_p;
    (void)Z_p;
    (void)S_p;
    (void)m_q;
    (void)Z_q;
    (void)S_q;
    (void)y_part_1;
    if (c_p == NULL || u_p == NULL || p == NULL || c_q == NULL || u_q == NULL || t == NULL || q == NULL || b == NULL || h == NULL) {
        outside = -1;
        goto done;
    }
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        /* m_[p;i] = max_k p_[logits;ik] */
        {
            float lanes[32], odd[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = -INFINITY, odd[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    const float value = p_logits[(i0) * n + (i1 + lane)];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = value != value ? value : odd[lane];
                }
            for (; i1 < n; ++i1) {
                const float value = p_logits[(i0) * n + i1];
                lanes[0] = value > lanes[0] ? value : lanes[0];
                odd[0] = value != value ? value : odd[0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    const float value = lanes[lane + half];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = odd[lane + half] != odd[lane + half] ? odd[lane + half] : odd[lane];
                }
            m_p = odd[0] != odd[0] ? odd[0] : lanes[0] == -INFINITY ? 0 : lanes[0];
        }
        /* c_[p;ij] = p_[logits;ij] − m_[p;i] */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            c_p[i1] = from_max_float(p_logits[(i0) * n + i1], m_p);
        }
        /* u_[p;ij] = exp(c_[p;ij]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            u_p[i1] = exp_float(c_p[i1]);
        }
        /* Z_[p;i] = Σ_k u_[p;ik] */
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += u_p[(i1 + lane)];
                }
            for (; i1 < n; ++i1) {
                lanes[0] += u_p[i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            Z_p = lanes[0];
        }
        /* S_[p;i] = Z_[p;i] + [Z_[p;i] = 0] */
        S_p = (Z_p + (float)((Z_p == (float)(0.0))));
        /* p_ij = (u_[p;ij])/(S_[p;i]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            p[i1] = (u_p[i1] / S_p);
        }
        /* m_[q;i] = max_k q_[logits;ik] */
        {
            float lanes[32], odd[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = -INFINITY, odd[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    const float value = q_logits[(i0) * n + (i1 + lane)];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = value != value ? value : odd[lane];
                }
            for (; i1 < n; ++i1) {
                const float value = q_logits[(i0) * n + i1];
                lanes[0] = value > lanes[0] ? value : lanes[0];
                odd[0] = value != value ? value : odd[0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    const float value = lanes[lane + half];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = odd[lane + half] != odd[lane + half] ? odd[lane + half] : odd[lane];
                }
            m_q = odd[0] != odd[0] ? odd[0] : lanes[0] == -INFINITY ? 0 : lanes[0];
        }
        /* c_[q;ij] = q_[logits;ij] − m_[q;i] */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            c_q[i1] = from_max_float(q_logits[(i0) * n + i1], m_q);
        }
        /* u_[q;ij] = exp(c_[q;ij]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            u_q[i1] = exp_float(c_q[i1]);
        }
        /* Z_[q;i] = Σ_k u_[q;ik] */
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += u_q[(i1 + lane)];
                }
            for (; i1 < n; ++i1) {
                lanes[0] += u_q[i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            Z_q = lanes[0];
        }
        /* S_[q;i] = Z_[q;i] + [Z_[q;i] = 0] */
        S_q = (Z_q + (float)((Z_q == (float)(0.0))));
        /* t_ij = c_[p;ij] − c_[q;ij] − log((S_[p;i])/(S_[q;i])) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            t[i1] = ((c_p[i1] - c_q[i1]) - logf((S_p / S_q)));
        }
        /* q_ij = (u_[q;ij])/(S_[q;i]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            q[i1] = (u_q[i1] / S_q);
        }
        /* b_ij = p_ij + q_ij */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            b[i1] = (p[i1] + q[i1]);
        }
        /* h_ij = [b_ij ≠ 0] tanh(t_ij/2) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            h[i1] = ((b[i1] != (float)(0.0)) ? tanhf((t[i1] / (float)(2.0))) : 0);
        }
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += (((p[(i1 + lane)] != (float)(0.0)) ? damped_float(t[(i1 + lane)], p[(i1 + lane)]) : 0) - (b[(i1 + lane)] * h[(i1 + lane)]));
                }
            for (; i1 < n; ++i1) {
                lanes[0] += (((p[i1] != (float)(0.0)) ? damped_float(t[i1], p[i1]) : 0) - (b[i1] * h[i1]));
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            y_part_1 = lanes[0];
        }
        /* y_i = [Z_[p;i] ≠ 0] Σ_j ([p_ij ≠ 0] p_ij t_ij − b_ij h_ij) */
        y[i0] = ((Z_p != (float)(0.0)) ? y_part_1 : 0);
    }
done:
    free(c_p);
    free(u_p);
    free(p);
    free(c_q);
    free(u_q);
    free(t);
    free(q);
    free(b);
    free(h);
    return outside;
}

int kl_divergence_double(ptrdiff_t n, ptrdiff_t r, const double *p_logits, const double *q_logits, double *restrict y)
{
    int outside = 0;
    (void)n;
    (void)r;
    (void)p_logits;
    (void)q_logits;
    double *c_p = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *u_p = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *p = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *c_q = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *u_q = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *t = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *q = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *b = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *h = malloc((((size_t)(n)) + 1) * sizeof(double));
    double m_p = 0;
    double Z_p = 0;
    double S_p = 0;
    double m_q = 0;
    double Z_q = 0;
    double S_q = 0;
    double y_part_1 = 0;
    (void)m_p;
    (void)Z_p;
    (void)S_p;
    (void)m_q;
    (void)Z_q;
    (void)S_q;
    (void)y_part_1;
    if (c_p == NULL || u_p == NULL || p == NULL || c_q == NULL || u_q == NULL || t == NULL || q == NULL || b == NULL || h == NULL) {
        outside = -1;
        goto done;
    }
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        /* m_[p;i] = max_k p_[logits;ik] */
        {
            double lanes[32], odd[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = -INFINITY, odd[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    const double value = p_logits[(i0) * n + (i1 + lane)];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = value != value ? value : odd[lane];
                }
            for (; i1 < n; ++i1) {
                const double value = p_logits[(i0) * n + i1];
                lanes[0] = value > lanes[0] ? value : lanes[0];
                odd[0] = value != value ? value : odd[0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    const double value = lanes[lane + half];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = odd[lane + half] != odd[lane + half] ? odd[lane + half] : odd[lane];
                }
            m_p = odd[0] != odd[0] ? odd[0] : lanes[0] == -INFINITY ? 0 : lanes[0];
        }
        /* c_[p;ij] = p_[logits;ij] − m_[p;i] */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            c_p[i1] = from_max_double(p_logits[(i0) * n + i1], m_p);
        }
        /* u_[p;ij] = exp(c_[p;ij]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            u_p[i1] = exp_double(c_p[i1]);
        }
        /* Z_[p;i] = Σ_k u_[p;ik] */
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += u_p[(i1 + lane)];
                }
            for (; i1 < n; ++i1) {
                lanes[0] += u_p[i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            Z_p = lanes[0];
        }
        /* S_[p;i] = Z_[p;i] + [Z_[p;i] = 0] */
        S_p = (Z_p + (double)((Z_p == (double)(0.0))));
        /* p_ij = (u_[p;ij])/(S_[p;i]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            p[i1] = (u_p[i1] / S_p);
        }
        /* m_[q;i] = max_k q_[logits;ik] */
        {
            double lanes[32], odd[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = -INFINITY, odd[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    const double value = q_logits[(i0) * n + (i1 + lane)];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = value != value ? value : odd[lane];
                }
            for (; i1 < n; ++i1) {
                const double value = q_logits[(i0) * n + i1];
                lanes[0] = value > lanes[0] ? value : lanes[0];
                odd[0] = value != value ? value : odd[0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    const double value = lanes[lane + half];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = odd[lane + half] != odd[lane + half] ? odd[lane + half] : odd[lane];
                }
            m_q = odd[0] != odd[0] ? odd[0] : lanes[0] == -INFINITY ? 0 : lanes[0];
        }
        /* c_[q;ij] = q_[logits;ij] − m_[q;i] */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            c_q[i1] = from_max_double(q_logits[(i0) * n + i1], m_q);
        }
        /* u_[q;ij] = exp(c_[q;ij]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            u_q[i1] = exp_double(c_q[i1]);
        }
        /* Z_[q;i] = Σ_k u_[q;ik] */
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += u_q[(i1 + lane)];
                }
            for (; i1 < n; ++i1) {
                lanes[0] += u_q[i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            Z_q = lanes[0];
        }
        /* S_[q;i] = Z_[q;i] + [Z_[q;i] = 0] */
        S_q = (Z_q + (double)((Z_q == (double)(0.0))));
        /* t_ij = c_[p;ij] − c_[q;ij] − log((S_[p;i])/(S_[q;i])) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            t[i1] = ((c_p[i1] - c_q[i1]) - log((S_p / S_q)));
        }
        /* q_ij = (u_[q;ij])/(S_[q;i]) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            q[i1] = (u_q[i1] / S_q);
        }
        /* b_ij = p_ij + q_ij */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            b[i1] = (p[i1] + q[i1]);
        }
        /* h_ij = [b_ij ≠ 0] tanh(t_ij/2) */
        for (ptrdiff_t i1 = 0; i1 < n; ++i1) {
            h[i1] = ((b[i1] != (double)(0.0)) ? tanh((t[i1] / (double)(2.0))) : 0);
        }
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= n; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += (((p[(i1 + lane)] != (double)(0.0)) ? damped_double(t[(i1 + lane)], p[(i1 + lane)]) : 0) - (b[(i1 + lane)] * h[(i1 + lane)]));
                }
            for (; i1 < n; ++i1) {
                lanes[0] += (((p[i1] != (double)(0.0)) ? damped_double(t[i1], p[i1]) : 0) - (b[i1] * h[i1]));
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            y_part_1 = lanes[0];
        }
        /* y_i = [Z_[p;i] ≠ 0] Σ_j ([p_ij ≠ 0] p_ij t_ij − b_ij h_ij) */
        y[i0] = ((Z_p != (double)(0.0)) ? y_part_1 : 0);
    }
done:
    free(c_p);
    free(u_p);
    free(p);
    free(c_q);
    free(u_q);
    free(t);
    free(q);
    free(b);
    free(h);
    return outside;
}
