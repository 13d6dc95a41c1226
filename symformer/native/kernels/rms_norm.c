/* rms_norm, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int rms_norm_float(ptrdiff_t d, ptrdiff_t r, const float *x, const float *weight, double eps, float *restrict x_hat)
{
    int outside = 0;
    (void)d;
    (void)r;
    (void)x;
    (void)weight;
    (void)eps;
    float r__part_1 = 0;
    float r_ = 0;
    (void)r__part_1;
    (void)r_;
    if (weight != NULL) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += powf(x[(i0) * d + (i1 + lane)], 2);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += powf(x[(i0) * d + i1], 2);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                r__part_1 = lanes[0];
            }
            /* r_i = 1/d Σ_k x_ik^2 */
            r_ = (r__part_1 / (float)((double)d));
            /* x̂_ij = x_ij/√(r_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x[(i0) * d + i1] / sqrtf((r_ + (float)((double)eps))));
            }
            /* y_ij = x̂_ij weight_j */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x_hat[(i0) * d + i1] * weight[i1]);
            }
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += powf(x[(i0) * d + (i1 + lane)], 2);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += powf(x[(i0) * d + i1], 2);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                r__part_1 = lanes[0];
            }
            /* r_i = 1/d Σ_k x_ik^2 */
            r_ = (r__part_1 / (float)((double)d));
            /* x̂_ij = x_ij/√(r_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x[(i0) * d + i1] / sqrtf((r_ + (float)((double)eps))));
            }
        }
    }
    return outside;
}

int rms_norm_double(ptrdiff_t d, ptrdiff_t r, const double *x, const double *weight, double eps, double *restrict x_hat)
{
    int outside = 0;
    (void)d;
    (void)r;
    (void)x;
    (void)weight;
    (void)eps;
    double r__part_1 = 0;
    double r_ = 0;
    (void)r__part_1;
    (void)r_;
    if (weight != NULL) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += pow(x[(i0) * d + (i1 + lane)], 2);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += pow(x[(i0) * d + i1], 2);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                r__part_1 = lanes[0];
            }
            /* r_i = 1/d Σ_k x_ik^2 */
            r_ = (r__part_1 / (double)((double)d));
            /* x̂_ij = x_ij/√(r_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x[(i0) * d + i1] / sqrt((r_ + (double)((double)eps))));
            }
            /* y_ij = x̂_ij weight_j */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x_hat[(i0) * d + i1] * weight[i1]);
            }
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += pow(x[(i0) * d + (i1 + lane)], 2);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += pow(x[(i0) * d + i1], 2);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                r__part_1 = lanes[0];
            }
            /* r_i = 1/d Σ_k x_ik^2 */
            r_ = (r__part_1 / (double)((double)d));
            /* x̂_ij = x_ij/√(r_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                x_hat[(i0) * d + i1] = (x[(i0) * d + i1] / sqrt((r_ + (double)((double)eps))));
            }
        }
    }
    return outside;
}
