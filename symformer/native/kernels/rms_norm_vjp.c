/* rms_norm_vjp, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int rms_norm_vjp_float(ptrdiff_t d, ptrdiff_t r, const float *dy, const float *x, const float *weight, double eps, float *restrict dx, float *restrict dweight)
{
    int outside = 0;
    (void)d;
    (void)r;
    (void)dy;
    (void)x;
    (void)weight;
    (void)eps;
    float *dx_hat_y = malloc((((size_t)(d)) + 1) * sizeof(float));
    float *x_hat = malloc((((size_t)(r) * (size_t)(d)) + 1) * sizeof(float));
    float r__part_1 = 0;
    float r_ = 0;
    float dx_part_2 = 0;
    (void)r__part_1;
    (void)r_;
    (void)dx_part_2;
    if (dx_hat_y == NULL || x_hat == NULL) {
        outside = -1;
        goto done;
    }
    if (weight != NULL) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* dx̂_[y;ij] = dy_ij weight_j */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx_hat_y[i1] = (dy[(i0) * d + i1] * weight[i1]);
            }
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
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (dx_hat_y[(i1 + lane)] * x_hat[(i0) * d + (i1 + lane)]);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += (dx_hat_y[i1] * x_hat[(i0) * d + i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_2 = lanes[0];
            }
            /* dx_ij = (dx̂_[y;ij] − 1/d x̂_ij Σ_k dx̂_[y;ik] x̂_ik)/√(r_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx[(i0) * d + i1] = ((dx_hat_y[i1] - ((x_hat[(i0) * d + i1] * dx_part_2) / (float)((double)d))) / sqrtf((r_ + (float)((double)eps))));
            }
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* dy_ij */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx_hat_y[i1] = dy[(i0) * d + i1];
            }
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
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (dx_hat_y[(i1 + lane)] * x_hat[(i0) * d + (i1 + lane)]);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += (dx_hat_y[i1] * x_hat[(i0) * d + i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_2 = lanes[0];
            }
            /* dx_ij = (dx̂_[y;ij] − 1/d x̂_ij Σ_k dx̂_[y;ik] x̂_ik)/√(r_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx[(i0) * d + i1] = ((dx_hat_y[i1] - ((x_hat[(i0) * d + i1] * dx_part_2) / (float)((double)d))) / sqrtf((r_ + (float)((double)eps))));
            }
        }
    }
    /* dweight_[y;j] = Σ_i x̂_ij dy_ij */
    if (weight != NULL) {
        for (ptrdiff_t i0 = 0; i0 < d; ++i0) {
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= r; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (x_hat[((i1 + lane)) * d + i0] * dy[((i1 + lane)) * d + i0]);
                    }
                for (; i1 < r; ++i1) {
                    lanes[0] += (x_hat[(i1) * d + i0] * dy[(i1) * d + i0]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dweight[i0] = lanes[0];
            }
        }
    }
done:
    free(dx_hat_y);
    free(x_hat);
    return outside;
}

int rms_norm_vjp_double(ptrdiff_t d, ptrdiff_t r, const double *dy, const double *x, const double *weight, double eps, double *restrict dx, double *restrict dweight)
{
    int outside = 0;
    (void)d;
    (void)r;
    (void)dy;
    (void)x;
    (void)weight;
    (void)eps;
    double *dx_hat_y = malloc((((size_t)(d)) + 1) * sizeof(double));
    double *x_hat = malloc((((size_t)(r) * (size_t)(d)) + 1) * sizeof(double));
    double r__part_1 = 0;
    double r_ = 0;
    double dx_part_2 = 0;
    (void)r__part_1;
    (void)r_;
    (void)dx_part_2;
    if (dx_hat_y == NULL || x_hat == NULL) {
        outside = -1;
        goto done;
    }
    if (weight != NULL) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* dx̂_[y;ij] = dy_ij weight_j */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx_hat_y[i1] = (dy[(i0) * d + i1] * weight[i1]);
            }
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
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (dx_hat_y[(i1 + lane)] * x_hat[(i0) * d + (i1 + lane)]);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += (dx_hat_y[i1] * x_hat[(i0) * d + i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_2 = lanes[0];
            }
            /* dx_ij = (dx̂_[y;ij] − 1/d x̂_ij Σ_k dx̂_[y;ik] x̂_ik)/√(r_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx[(i0) * d + i1] = ((dx_hat_y[i1] - ((x_hat[(i0) * d + i1] * dx_part_2) / (double)((double)d))) / sqrt((r_ + (double)((double)eps))));
            }
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* dy_ij */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx_hat_y[i1] = dy[(i0) * d + i1];
            }
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
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (dx_hat_y[(i1 + lane)] * x_hat[(i0) * d + (i1 + lane)]);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += (dx_hat_y[i1] * x_hat[(i0) * d + i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_2 = lanes[0];
            }
            /* dx_ij = (dx̂_[y;ij] − 1/d x̂_ij Σ_k dx̂_[y;ik] x̂_ik)/√(r_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx[(i0) * d + i1] = ((dx_hat_y[i1] - ((x_hat[(i0) * d + i1] * dx_part_2) / (double)((double)d))) / sqrt((r_ + (double)((double)eps))));
            }
        }
    }
    /* dweight_[y;j] = Σ_i x̂_ij dy_ij */
    if (weight != NULL) {
        for (ptrdiff_t i0 = 0; i0 < d; ++i0) {
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= r; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (x_hat[((i1 + lane)) * d + i0] * dy[((i1 + lane)) * d + i0]);
                    }
                for (; i1 < r; ++i1) {
                    lanes[0] += (x_hat[(i1) * d + i0] * dy[(i1) * d + i0]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dweight[i0] = lanes[0];
            }
        }
    }
done:
    free(dx_hat_y);
    free(x_hat);
    return outside;
}
