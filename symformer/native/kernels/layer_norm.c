/* layer_norm, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int layer_norm_float(ptrdiff_t d, ptrdiff_t r, const float *x, const float *weight, const float *bias, double eps, float *restrict x_hat)
{
    int outside = 0;
    (void)d;
    (void)r;
    (void)x;
    (void)weight;
    (void)bias;
    (void)eps;
    float *c = malloc((((size_t)(d)) + 1) * sizeof(float));
    float mu_part_1 = 0;
    float mu = 0;
    float v_part_2 = 0;
    float v = 0;
    (void)mu_part_1;
    (void)mu;
    (void)v_part_2;
    (void)v;
    if (c == NULL) {
        outside = -1;
        goto done;
    }
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= d; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += x[(i0) * d + (i1 + lane)];
                }
            for (; i1 < d; ++i1) {
                lanes[0] += x[(i0) * d + i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            mu_part_1 = lanes[0];
        }
        /* μ_i = 1/d Σ_k x_ik */
        mu = (mu_part_1 / (float)((double)d));
        /* c_ij = x_ij − μ_i */
        for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
            c[i1] = (x[(i0) * d + i1] - mu);
        }
        {
            float lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= d; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += powf(c[(i1 + lane)], 2);
                }
            for (; i1 < d; ++i1) {
                lanes[0] += (c[i1] * c[i1]);
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            v_part_2 = lanes[0];
        }
        /* v_i = 1/d Σ_k c_ik^2 */
        v = (v_part_2 / (float)((double)d));
        /* x̂_ij = c_ij/√(v_i + ε) */
        for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
            x_hat[(i0) * d + i1] = (c[i1] / sqrtf((v + (float)((double)eps))));
        }
        /* x̂_ij′ = x̂_ij weight_j */
        if (weight != NULL) {
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x_hat[(i0) * d + i1] * weight[i1]);
            }
        }
        /* y_ij = x̂_ij′ + bias_j */
        if (bias != NULL) {
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x_hat[(i0) * d + i1] + bias[i1]);
            }
        }
    }
done:
    free(c);
    return outside;
}

int layer_norm_double(ptrdiff_t d, ptrdiff_t r, const double *x, const double *weight, const double *bias, double eps, double *restrict x_hat)
{
    int outside = 0;
    (void)d;
    (void)r;
    (void)x;
    (void)weight;
    (void)bias;
    (void)eps;
    double *c = malloc((((size_t)(d)) + 1) * sizeof(double));
    double mu_part_1 = 0;
    double mu = 0;
    double v_part_2 = 0;
    double v = 0;
    (void)mu_part_1;
    (void)mu;
    (void)v_part_2;
    (void)v;
    if (c == NULL) {
        outside = -1;
        goto done;
    }
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= d; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += x[(i0) * d + (i1 + lane)];
                }
            for (; i1 < d; ++i1) {
                lanes[0] += x[(i0) * d + i1];
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            mu_part_1 = lanes[0];
        }
        /* μ_i = 1/d Σ_k x_ik */
        mu = (mu_part_1 / (double)((double)d));
        /* c_ij = x_ij − μ_i */
        for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
            c[i1] = (x[(i0) * d + i1] - mu);
        }
        {
            double lanes[32];
            for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
            ptrdiff_t i1 = 0;
            for (; i1 + 32 <= d; i1 += 32)
                for (int lane = 0; lane < 32; ++lane) {
                    lanes[lane] += pow(c[(i1 + lane)], 2);
                }
            for (; i1 < d; ++i1) {
                lanes[0] += (c[i1] * c[i1]);
            }
            for (int half = 16; half > 0; half /= 2)
                for (int lane = 0; lane < half; ++lane) {
                    lanes[lane] += lanes[lane + half];
                }
            v_part_2 = lanes[0];
        }
        /* v_i = 1/d Σ_k c_ik^2 */
        v = (v_part_2 / (double)((double)d));
        /* x̂_ij = c_ij/√(v_i + ε) */
        for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
            x_hat[(i0) * d + i1] = (c[i1] / sqrt((v + (double)((double)eps))));
        }
        /* x̂_ij′ = x̂_ij weight_j */
        if (weight != NULL) {
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x_hat[(i0) * d + i1] * weight[i1]);
            }
        }
        /* y_ij = x̂_ij′ + bias_j */
        if (bias != NULL) {
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x_hat[(i0) * d + i1] + bias[i1]);
            }
        }
    }
done:
    free(c);
    return outside;
}
