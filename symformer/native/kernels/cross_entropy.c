/* cross_entropy, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* a position that is inside its axis, or 0 and a mark */
static inline ptrdiff_t place_of(ptrdiff_t at, ptrdiff_t size, int *outside)
{
    if (at >= 0 && at < size)
        return at;
    *outside = 1;
    return 0;
}

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

int cross_entropy_float(ptrdiff_t C, ptrdiff_t n, const float *logits, const int64_t *ids, const float *y, const float *w, const unsigned char *kept, double label_smoothing, const char *reduction, float *restrict loss, float *restrict total)
{
    int outside = 0;
    const int reduction_is_mean = strcmp(reduction, "mean") == 0;
    (void)C;
    (void)n;
    (void)logits;
    (void)ids;
    (void)y;
    (void)w;
    (void)kept;
    (void)label_smoothing;
    (void)reduction;
    float *c = malloc((((size_t)(C)) + 1) * sizeof(float));
    float *u = malloc((((size_t)(C)) + 1) * sizeof(float));
    float *share = malloc((((size_t)(n)) + 1) * sizeof(float));
    float m = 0;
    float Z = 0;
    float log_Z = 0;
    float hit = 0;
    float hit_part_1 = 0;
    float total_part_2 = 0;
    (void)m;
    (void)Z;
    (void)log_Z;
    (void)hit;
    (void)hit_part_1;
    (void)total_part_2;
    if (c == NULL || u == NULL || share == NULL) {
        outside = -1;
        goto done;
    }
    for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
        /* m_i = max_k logits_ik */
        {
            float lanes[32], odd[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = -INFINITY, odd[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= C; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    const float value = logits[(i0) * C + (i1 + lane)];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = value != value ? value : odd[lane];
                }
            for (; i1 < C; ++i1) {
                const float value = logits[(i0) * C + i1];
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
        /* c_ic = logits_ic − m_i */
        for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
            c[i1] = from_max_float(logits[(i0) * C + i1], m);
        }
        /* u_ic = exp(c_ic) */
        for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
            u[i1] = exp_float(c[i1]);
        }
        /* Z_i = Σ_c u_ic */
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= C; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += u[(i1 + lane)];
                }
            for (; i1 < C; ++i1) {
                lanes[0] += u[i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            Z = lanes[0];
        }
        /* log_[Z;i] = log(Z_i + [Z_i = 0]) */
        log_Z = logf((Z + (float)((Z == (float)(0.0)))));
        /* hit_i = w_[ids_i](log_[Z;i] − c_[i,ids_i]) */
        if (ids != NULL) {
            hit = damped_float((log_Z - c[place_of((ptrdiff_t)ids[i0], C, &outside)]), w[place_of((ptrdiff_t)ids[i0], C, &outside)]);
        }
        /* Σ_c y_ic w_c(log_[Z;i] − c_ic) */
        if (!(ids != NULL)) {
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= C; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += damped_float((log_Z - c[(i1 + lane)]), (y[(i0) * C + (i1 + lane)] * w[(i1 + lane)]));
                    }
                for (; i1 < C; ++i1) {
                    lanes[0] += damped_float((log_Z - c[i1]), (y[(i0) * C + i1] * w[i1]));
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                hit = lanes[0];
            }
        }
        if (label_smoothing) {
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= C; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += damped_float((log_Z - c[(i1 + lane)]), w[(i1 + lane)]);
                    }
                for (; i1 < C; ++i1) {
                    lanes[0] += damped_float((log_Z - c[i1]), w[i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                hit_part_1 = lanes[0];
            }
        }
        /* row_i = (1 − label_smoothing) hit_i + label_smoothing/C Σ_c w_c(log_[Z;i] − c_ic) */
        if (label_smoothing) {
            hit = (((float)((1.0 - (double)label_smoothing)) * hit) + ((float)(((double)label_smoothing / (double)C)) * hit_part_1));
        }
        /* loss_i = kept_i row_i */
        loss[i0] = ((kept[i0] != 0) ? hit : 0);
    }
    /* total = Σ_i loss_i */
    {
        float lanes[32];
        for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
        ptrdiff_t i0 = 0;
        for (; i0 + 32 <= n; i0 += 32)
            for (int lane = 0; lane < 32; ++lane) {
                lanes[lane] += loss[(i0 + lane)];
            }
        for (; i0 < n; ++i0) {
            lanes[0] += loss[i0];
        }
        for (int half = 16; half > 0; half /= 2)
            for (int lane = 0; lane < half; ++lane) {
                lanes[lane] += lanes[lane + half];
            }
        (*total) = lanes[0];
    }
    if (ids != NULL) {
        for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
            /* share_i = kept_i w_[ids_i] */
            share[i0] = ((kept[i0] != 0) ? w[place_of((ptrdiff_t)ids[i0], C, &outside)] : 0);
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
            /* kept_i · 1 */
            share[i0] = (float)((float)((kept[i0] != 0)));
        }
    }
    if (reduction_is_mean) {
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i0 = 0;
            for (; i0 + 32 <= n; i0 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += share[(i0 + lane)];
                }
            for (; i0 < n; ++i0) {
                lanes[0] += share[i0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            total_part_2 = lanes[0];
        }
    }
    /* average = total/(Σ_i share_i) */
    if (reduction_is_mean) {
        (*total) = ((*total) / total_part_2);
    }
done:
    free(c);
    free(u);
    free(share);
    return outside;
}

int cross_entropy_double(ptrdiff_t C, ptrdiff_t n, const double *logits, const int64_t *ids, const double *y, const double *w, const unsigned char *kept, double label_smoothing, const char *reduction, double *restrict loss, double *restrict total)
{
    int outside = 0;
    const int reduction_is_mean = strcmp(reduction, "mean") == 0;
    (void)C;
    (void)n;
    (void)logits;
    (void)ids;
    (void)y;
    (void)w;
    (void)kept;
    (void)label_smoothing;
    (void)reduction;
    double *c = malloc((((size_t)(C)) + 1) * sizeof(double));
    double *u = malloc((((size_t)(C)) + 1) * sizeof(double));
    double *share = malloc((((size_t)(n)) + 1) * sizeof(double));
    double m = 0;
    double Z = 0;
    double log_Z = 0;
    double hit = 0;
    double hit_part_1 = 0;
    double total_part_2 = 0;
    (void)m;
    (void)Z;
    (void)log_Z;
    (void)hit;
    (void)hit_part_1;
    (void)total_part_2;
    if (c == NULL || u == NULL || share == NULL) {
        outside = -1;
        goto done;
    }
    for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
        /* m_i = max_k logits_ik */
        {
            double lanes[32], odd[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = -INFINITY, odd[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= C; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    const double value = logits[(i0) * C + (i1 + lane)];
                    lanes[lane] = value > lanes[lane] ? value : lanes[lane];
                    odd[lane] = value != value ? value : odd[lane];
                }
            for (; i1 < C; ++i1) {
                const double value = logits[(i0) * C + i1];
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
        /* c_ic = logits_ic − m_i */
        for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
            c[i1] = from_max_double(logits[(i0) * C + i1], m);
        }
        /* u_ic = exp(c_ic) */
        for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
            u[i1] = exp_double(c[i1]);
        }
        /* Z_i = Σ_c u_ic */
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= C; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += u[(i1 + lane)];
                }
            for (; i1 < C; ++i1) {
                lanes[0] += u[i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            Z = lanes[0];
        }
        /* log_[Z;i] = log(Z_i + [Z_i = 0]) */
        log_Z = log((Z + (double)((Z == (double)(0.0)))));
        /* hit_i = w_[ids_i](log_[Z;i] − c_[i,ids_i]) */
        if (ids != NULL) {
            hit = damped_double((log_Z - c[place_of((ptrdiff_t)ids[i0], C, &outside)]), w[place_of((ptrdiff_t)ids[i0], C, &outside)]);
        }
        /* Σ_c y_ic w_c(log_[Z;i] − c_ic) */
        if (!(ids != NULL)) {
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= C; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += damped_double((log_Z - c[(i1 + lane)]), (y[(i0) * C + (i1 + lane)] * w[(i1 + lane)]));
                    }
                for (; i1 < C; ++i1) {
                    lanes[0] += damped_double((log_Z - c[i1]), (y[(i0) * C + i1] * w[i1]));
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                hit = lanes[0];
            }
        }
        if (label_smoothing) {
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= C; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += damped_double((log_Z - c[(i1 + lane)]), w[(i1 + lane)]);
                    }
                for (; i1 < C; ++i1) {
                    lanes[0] += damped_double((log_Z - c[i1]), w[i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                hit_part_1 = lanes[0];
            }
        }
        /* row_i = (1 − label_smoothing) hit_i + label_smoothing/C Σ_c w_c(log_[Z;i] − c_ic) */
        if (label_smoothing) {
            hit = (((double)((1.0 - (double)label_smoothing)) * hit) + ((double)(((double)label_smoothing / (double)C)) * hit_part_1));
        }
        /* loss_i = kept_i row_i */
        loss[i0] = ((kept[i0] != 0) ? hit : 0);
    }
    /* total = Σ_i loss_i */
    {
        double lanes[32];
        for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
        ptrdiff_t i0 = 0;
        for (; i0 + 32 <= n; i0 += 32)
            for (int lane = 0; lane < 32; ++lane) {
                lanes[lane] += loss[(i0 + lane)];
            }
        for (; i0 < n; ++i0) {
            lanes[0] += loss[i0];
        }
        for (int half = 16; half > 0; half /= 2)
            for (int lane = 0; lane < half; ++lane) {
                lanes[lane] += lanes[lane + half];
            }
        (*total) = lanes[0];
    }
    if (ids != NULL) {
        for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
            /* share_i = kept_i w_[ids_i] */
            share[i0] = ((kept[i0] != 0) ? w[place_of((ptrdiff_t)ids[i0], C, &outside)] : 0);
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
            /* kept_i · 1 */
            share[i0] = (double)((double)((kept[i0] != 0)));
        }
    }
    if (reduction_is_mean) {
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i0 = 0;
            for (; i0 + 32 <= n; i0 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += share[(i0 + lane)];
                }
            for (; i0 < n; ++i0) {
                lanes[0] += share[i0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            total_part_2 = lanes[0];
        }
    }
    /* average = total/(Σ_i share_i) */
    if (reduction_is_mean) {
        (*total) = ((*total) / total_part_2);
    }
done:
    free(c);
    free(u);
    free(share);
    return outside;
}
