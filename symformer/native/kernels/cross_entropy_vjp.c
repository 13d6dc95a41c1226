/* cross_entropy_vjp, written by SymFormer: C99, and nothing but the standard library.

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

int cross_entropy_vjp_float(ptrdiff_t C, ptrdiff_t n, const float *dloss, double daverage, const float *logits, const int64_t *ids, const float *y, const float *w, const unsigned char *kept, double label_smoothing, const char *reduction, float *restrict dlogits, float *restrict dy)
{
    int outside = 0;
    const int reduction_is_mean = strcmp(reduction, "mean") == 0;
    (void)C;
    (void)n;
    (void)dloss;
    (void)daverage;
    (void)logits;
    (void)ids;
    (void)y;
    (void)w;
    (void)kept;
    (void)label_smoothing;
    (void)reduction;
    float *share = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *drow = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *dhit_row = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *dc_hit = malloc((((size_t)(n) * (size_t)(C)) + 1) * sizeof(float));
    float *dlog_Z = malloc((((size_t)(n)) + 1) * sizeof(float));
    float *c = malloc((((size_t)(C)) + 1) * sizeof(float));
    float *u = malloc((((size_t)(C)) + 1) * sizeof(float));
    float dtotal_average_part_1 = 0;
    float dtotal_average = 0;
    float dloss_ = 0;
    float dlog_Z_hit = 0;
    float dlog_Z_hit_part_2 = 0;
    float dlog_Z_part_3 = 0;
    float m = 0;
    float Z = 0;
    float dZ = 0;
    float log_Z = 0;
    (void)dtotal_average_part_1;
    (void)dtotal_average;
    (void)dloss_;
    (void)dlog_Z_hit;
    (void)dlog_Z_hit_part_2;
    (void)dlog_Z_part_3;
    (void)m;
    (void)Z;
    (void)dZ;
    (void)log_Z;
    if (share == NULL || drow == NULL || dhit_row == NULL || dc_hit == NULL || dlog_Z == NULL || c == NULL || u == NULL) {
        outside = -1;
        goto done;
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
            dtotal_average_part_1 = lanes[0];
        }
    }
    /* dtotal_average = daverage/(Σ_i share_i) */
    if (reduction_is_mean) {
        dtotal_average = ((float)((double)daverage) / dtotal_average_part_1);
    }
    /* daverage */
    if (!(reduction_is_mean)) {
        dtotal_average = (float)((double)daverage);
    }
    for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
        /* dloss_i′ = dloss_i + dtotal_average */
        dloss_ = (dloss[i0] + dtotal_average);
        /* drow_i = kept_i dloss_i′ */
        drow[i0] = ((kept[i0] != 0) ? dloss_ : 0);
        /* dhit_[row;i] = (1 − label_smoothing) drow_i */
        if (label_smoothing) {
            dhit_row[i0] = ((float)((1.0 - (double)label_smoothing)) * drow[i0]);
        }
        /* drow_i */
        if (!(label_smoothing)) {
            dhit_row[i0] = drow[i0];
        }
        /* dc_[hit;ic] = −w_[ids_i] dhit_[row;i] δ_[c,ids_i] */
        if (ids != NULL) {
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                dc_hit[(i0) * C + i1] = (-((i1 == (ptrdiff_t)ids[i0]) ? (w[place_of((ptrdiff_t)ids[i0], C, &outside)] * dhit_row[i0]) : 0));
            }
        }
        /* −y_ic w_c dhit_[row;i] */
        if (!(ids != NULL)) {
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                dc_hit[(i0) * C + i1] = (-((y[(i0) * C + i1] * w[i1]) * dhit_row[i0]));
            }
        }
        /* dlog_[Z,hit;i] = w_[ids_i] dhit_[row;i] */
        if (ids != NULL) {
            dlog_Z_hit = (w[place_of((ptrdiff_t)ids[i0], C, &outside)] * dhit_row[i0]);
        }
        if (!(ids != NULL)) {
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= C; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += y[(i0) * C + (i1 + lane)] * w[(i1 + lane)];
                    }
                for (; i1 < C; ++i1) {
                    lanes[0] += y[(i0) * C + i1] * w[i1];
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dlog_Z_hit_part_2 = lanes[0];
            }
        }
        /* dhit_[row;i] Σ_c y_ic w_c */
        if (!(ids != NULL)) {
            dlog_Z_hit = (dhit_row[i0] * dlog_Z_hit_part_2);
        }
        /* dlog_[Z;i] = dlog_[Z,row;i] + dlog_[Z,hit;i] */
        dlog_Z[i0] = dlog_Z_hit;
    }
    if (label_smoothing) {
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i0 = 0;
            for (; i0 + 32 <= C; i0 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += w[(i0 + lane)];
                }
            for (; i0 < C; ++i0) {
                lanes[0] += w[i0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            dlog_Z_part_3 = lanes[0];
        }
    }
    for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
        /* dlog_[Z,row;i] = 1/C label_smoothing drow_i Σ_c w_c */
        if (label_smoothing) {
            dlog_Z[i0] = (dlog_Z[i0] + (((float)(((double)label_smoothing / (double)C)) * drow[i0]) * dlog_Z_part_3));
        }
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
        /* dZ_i = (dlog_[Z;i])/(Z_i + [Z_i = 0]) */
        dZ = (dlog_Z[i0] / (Z + (float)((Z == (float)(0.0)))));
        /* dc_ic = dc_[row;ic] + dc_[hit;ic] + dZ_i u_ic */
        for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
            dlogits[(i0) * C + i1] = (dc_hit[(i0) * C + i1] + (dZ * u[i1]));
        }
        /* dc_[row;ic] = −(w_c label_smoothing drow_i)/C */
        if (label_smoothing) {
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                dlogits[(i0) * C + i1] = (dlogits[(i0) * C + i1] + (-((((float)((double)label_smoothing) * w[i1]) * drow[i0]) / (float)((double)C))));
            }
        }
        /* log_[Z;i] = log(Z_i + [Z_i = 0]) */
        log_Z = logf((Z + (float)((Z == (float)(0.0)))));
        /* dy_[hit;ic] = dhit_[row;i] w_c(log_[Z;i] − c_ic) */
        if (ids == NULL) {
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                dy[(i0) * C + i1] = damped_float((log_Z - c[i1]), (dhit_row[i0] * w[i1]));
            }
        }
        /* where one probability is nearly 1, its entry is minus the sum of the others */
        if (C > 0 && Z < 2) {
            ptrdiff_t top = 0;
            float others = 0;
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                top = logits[(i0) * C + i1] > logits[(i0) * C + top] ? i1 : top;
            }
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                others += i1 == top ? 0 : dlogits[(i0) * C + i1];
            }
            dlogits[(i0) * C + top] = -others;
        }
    }
done:
    free(share);
    free(drow);
    free(dhit_row);
    free(dc_hit);
    free(dlog_Z);
    free(c);
    free(u);
    return outside;
}

int cross_entropy_vjp_double(ptrdiff_t C, ptrdiff_t n, const double *dloss, double daverage, const double *logits, const int64_t *ids, const double *y, const double *w, const unsigned char *kept, double label_smoothing, const char *reduction, double *restrict dlogits, double *restrict dy)
{
    int outside = 0;
    const int reduction_is_mean = strcmp(reduction, "mean") == 0;
    (void)C;
    (void)n;
    (void)dloss;
    (void)daverage;
    (void)logits;
    (void)ids;
    (void)y;
    (void)w;
    (void)kept;
    (void)label_smoothing;
    (void)reduction;
    double *share = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *drow = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *dhit_row = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *dc_hit = malloc((((size_t)(n) * (size_t)(C)) + 1) * sizeof(double));
    double *dlog_Z = malloc((((size_t)(n)) + 1) * sizeof(double));
    double *c = malloc((((size_t)(C)) + 1) * sizeof(double));
    double *u = malloc((((size_t)(C)) + 1) * sizeof(double));
    double dtotal_average_part_1 = 0;
    double dtotal_average = 0;
    double dloss_ = 0;
    double dlog_Z_hit = 0;
    double dlog_Z_hit_part_2 = 0;
    double dlog_Z_part_3 = 0;
    double m = 0;
    double Z = 0;
    double dZ = 0;
    double log_Z = 0;
    (void)dtotal_average_part_1;
    (void)dtotal_average;
    (void)dloss_;
    (void)dlog_Z_hit;
    (void)dlog_Z_hit_part_2;
    (void)dlog_Z_part_3;
    (void)m;
    (void)Z;
    (void)dZ;
    (void)log_Z;
    if (share == NULL || drow == NULL || dhit_row == NULL || dc_hit == NULL || dlog_Z == NULL || c == NULL || u == NULL) {
        outside = -1;
        goto done;
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
            dtotal_average_part_1 = lanes[0];
        }
    }
    /* dtotal_average = daverage/(Σ_i share_i) */
    if (reduction_is_mean) {
        dtotal_average = ((double)((double)daverage) / dtotal_average_part_1);
    }
    /* daverage */
    if (!(reduction_is_mean)) {
        dtotal_average = (double)((double)daverage);
    }
    for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
        /* dloss_i′ = dloss_i + dtotal_average */
        dloss_ = (dloss[i0] + dtotal_average);
        /* drow_i = kept_i dloss_i′ */
        drow[i0] = ((kept[i0] != 0) ? dloss_ : 0);
        /* dhit_[row;i] = (1 − label_smoothing) drow_i */
        if (label_smoothing) {
            dhit_row[i0] = ((double)((1.0 - (double)label_smoothing)) * drow[i0]);
        }
        /* drow_i */
        if (!(label_smoothing)) {
            dhit_row[i0] = drow[i0];
        }
        /* dc_[hit;ic] = −w_[ids_i] dhit_[row;i] δ_[c,ids_i] */
        if (ids != NULL) {
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                dc_hit[(i0) * C + i1] = (-((i1 == (ptrdiff_t)ids[i0]) ? (w[place_of((ptrdiff_t)ids[i0], C, &outside)] * dhit_row[i0]) : 0));
            }
        }
        /* −y_ic w_c dhit_[row;i] */
        if (!(ids != NULL)) {
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                dc_hit[(i0) * C + i1] = (-((y[(i0) * C + i1] * w[i1]) * dhit_row[i0]));
            }
        }
        /* dlog_[Z,hit;i] = w_[ids_i] dhit_[row;i] */
        if (ids != NULL) {
            dlog_Z_hit = (w[place_of((ptrdiff_t)ids[i0], C, &outside)] * dhit_row[i0]);
        }
        if (!(ids != NULL)) {
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= C; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += y[(i0) * C + (i1 + lane)] * w[(i1 + lane)];
                    }
                for (; i1 < C; ++i1) {
                    lanes[0] += y[(i0) * C + i1] * w[i1];
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dlog_Z_hit_part_2 = lanes[0];
            }
        }
        /* dhit_[row;i] Σ_c y_ic w_c */
        if (!(ids != NULL)) {
            dlog_Z_hit = (dhit_row[i0] * dlog_Z_hit_part_2);
        }
        /* dlog_[Z;i] = dlog_[Z,row;i] + dlog_[Z,hit;i] */
        dlog_Z[i0] = dlog_Z_hit;
    }
    if (label_smoothing) {
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i0 = 0;
            for (; i0 + 32 <= C; i0 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += w[(i0 + lane)];
                }
            for (; i0 < C; ++i0) {
                lanes[0] += w[i0];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            dlog_Z_part_3 = lanes[0];
        }
    }
    for (ptrdiff_t i0 = 0; i0 < n; ++i0) {
        /* dlog_[Z,row;i] = 1/C label_smoothing drow_i Σ_c w_c */
        if (label_smoothing) {
            dlog_Z[i0] = (dlog_Z[i0] + (((double)(((double)label_smoothing / (double)C)) * drow[i0]) * dlog_Z_part_3));
        }
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
        /* dZ_i = (dlog_[Z;i])/(Z_i + [Z_i = 0]) */
        dZ = (dlog_Z[i0] / (Z + (double)((Z == (double)(0.0)))));
        /* dc_ic = dc_[row;ic] + dc_[hit;ic] + dZ_i u_ic */
        for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
            dlogits[(i0) * C + i1] = (dc_hit[(i0) * C + i1] + (dZ * u[i1]));
        }
        /* dc_[row;ic] = −(w_c label_smoothing drow_i)/C */
        if (label_smoothing) {
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                dlogits[(i0) * C + i1] = (dlogits[(i0) * C + i1] + (-((((double)((double)label_smoothing) * w[i1]) * drow[i0]) / (double)((double)C))));
            }
        }
        /* log_[Z;i] = log(Z_i + [Z_i = 0]) */
        log_Z = log((Z + (double)((Z == (double)(0.0)))));
        /* dy_[hit;ic] = dhit_[row;i] w_c(log_[Z;i] − c_ic) */
        if (ids == NULL) {
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                dy[(i0) * C + i1] = damped_double((log_Z - c[i1]), (dhit_row[i0] * w[i1]));
            }
        }
        /* where one probability is nearly 1, its entry is minus the sum of the others */
        if (C > 0 && Z < 2) {
            ptrdiff_t top = 0;
            double others = 0;
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                top = logits[(i0) * C + i1] > logits[(i0) * C + top] ? i1 : top;
            }
            for (ptrdiff_t i1 = 0; i1 < C; ++i1) {
                others += i1 == top ? 0 : dlogits[(i0) * C + i1];
            }
            dlogits[(i0) * C + top] = -others;
        }
    }
done:
    free(share);
    free(drow);
    free(dhit_row);
    free(dc_hit);
    free(dlog_Z);
    free(c);
    free(u);
    return outside;
}
