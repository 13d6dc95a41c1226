/* layer_norm_vjp, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int layer_norm_vjp_float(ptrdiff_t d, ptrdiff_t r, const float *dy, const float *x, const float *weight, const float *bias, double eps, float *restrict dx, float *restrict dweight, float *restrict dbias)
{
    int outside = 0;
    (void)d;
    (void)r;
    (void)dy;
    (void)x;
    (void)weight;
    (void)bias;
    (void)eps;
    float *dx_hat_x_hat = malloc((((size_t)(d)) + 1) * sizeof(float));
    float *c = malloc((((size_t)(d)) + 1) * sizeof(float));
    float *x_hat = malloc((((size_t)(r) * (size_t)(d)) + 1) * sizeof(float));
    float mu_part_1 = 0;
    float mu = 0;
    float v_part_2 = 0;
    float v = 0;
    float dx_part_3 = 0;
    float dx_part_4 = 0;
    (void)mu_part_1;
    (void)mu;
    (void)v_part_2;
    (void)v;
    (void)dx_part_3;
    (void)dx_part_4;
    if (dx_hat_x_hat == NULL || c == NULL || x_hat == NULL) {
        outside = -1;
        goto done;
    }
    if (weight != NULL) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* dx̂_[x,hat;ij]′ = dy_ij weight_j */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx_hat_x_hat[i1] = (dy[(i0) * d + i1] * weight[i1]);
            }
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
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (dx_hat_x_hat[(i1 + lane)] * x_hat[(i0) * d + (i1 + lane)]);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += (dx_hat_x_hat[i1] * x_hat[(i0) * d + i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_3 = lanes[0];
            }
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += dx_hat_x_hat[(i1 + lane)];
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += dx_hat_x_hat[i1];
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_4 = lanes[0];
            }
            /* dx_ij = (dx̂_[x,hat;ij]′ − 1/d x̂_ij Σ_k dx̂_[x,hat;ik]′ x̂_ik − 1/d Σ_k dx̂_[x,hat;ik]′)/√(v_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx[(i0) * d + i1] = (((dx_hat_x_hat[i1] - ((x_hat[(i0) * d + i1] * dx_part_3) / (float)((double)d))) - (dx_part_4 / (float)((double)d))) / sqrtf((v + (float)((double)eps))));
            }
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* dy_ij */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx_hat_x_hat[i1] = dy[(i0) * d + i1];
            }
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
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (dx_hat_x_hat[(i1 + lane)] * x_hat[(i0) * d + (i1 + lane)]);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += (dx_hat_x_hat[i1] * x_hat[(i0) * d + i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_3 = lanes[0];
            }
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += dx_hat_x_hat[(i1 + lane)];
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += dx_hat_x_hat[i1];
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_4 = lanes[0];
            }
            /* dx_ij = (dx̂_[x,hat;ij]′ − 1/d x̂_ij Σ_k dx̂_[x,hat;ik]′ x̂_ik − 1/d Σ_k dx̂_[x,hat;ik]′)/√(v_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx[(i0) * d + i1] = (((dx_hat_x_hat[i1] - ((x_hat[(i0) * d + i1] * dx_part_3) / (float)((double)d))) - (dx_part_4 / (float)((double)d))) / sqrtf((v + (float)((double)eps))));
            }
        }
    }
    /* dweight_[x,hat;j]′ = Σ_i x̂_ij dy_ij */
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
    /* dbias_[y;j] = Σ_i dy_ij */
    if (bias != NULL) {
        for (ptrdiff_t i0 = 0; i0 < d; ++i0) {
            {
                float lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= r; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += dy[((i1 + lane)) * d + i0];
                    }
                for (; i1 < r; ++i1) {
                    lanes[0] += dy[(i1) * d + i0];
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dbias[i0] = lanes[0];
            }
        }
    }
done:
    free(dx_hat_x_hat);
    free(c);
    free(x_hat);
    return outside;
}

int layer_norm_vjp_double(ptrdiff_t d, ptrdiff_t r, const double *dy, const double *x, const double *weight, const double *bias, double eps, double *restrict dx, double *restrict dweight, double *restrict dbias)
{
    int outside = 0;
    (void)d;
    (void)r;
    (void)dy;
    (void)x;
    (void)weight;
    (void)bias;
    (void)eps;
    double *dx_hat_x_hat = malloc((((size_t)(d)) + 1) * sizeof(double));
    double *c = malloc((((size_t)(d)) + 1) * sizeof(double));
    double *x_hat = malloc((((size_t)(r) * (size_t)(d)) + 1) * sizeof(double));
    double mu_part_1 = 0;
    double mu = 0;
    double v_part_2 = 0;
    double v = 0;
    double dx_part_3 = 0;
    double dx_part_4 = 0;
    (void)mu_part_1;
    (void)mu;
    (void)v_part_2;
    (void)v;
    (void)dx_part_3;
    (void)dx_part_4;
    if (dx_hat_x_hat == NULL || c == NULL || x_hat == NULL) {
        outside = -1;
        goto done;
    }
    if (weight != NULL) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* dx̂_[x,hat;ij]′ = dy_ij weight_j */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx_hat_x_hat[i1] = (dy[(i0) * d + i1] * weight[i1]);
            }
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
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (dx_hat_x_hat[(i1 + lane)] * x_hat[(i0) * d + (i1 + lane)]);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += (dx_hat_x_hat[i1] * x_hat[(i0) * d + i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_3 = lanes[0];
            }
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += dx_hat_x_hat[(i1 + lane)];
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += dx_hat_x_hat[i1];
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_4 = lanes[0];
            }
            /* dx_ij = (dx̂_[x,hat;ij]′ − 1/d x̂_ij Σ_k dx̂_[x,hat;ik]′ x̂_ik − 1/d Σ_k dx̂_[x,hat;ik]′)/√(v_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx[(i0) * d + i1] = (((dx_hat_x_hat[i1] - ((x_hat[(i0) * d + i1] * dx_part_3) / (double)((double)d))) - (dx_part_4 / (double)((double)d))) / sqrt((v + (double)((double)eps))));
            }
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* dy_ij */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx_hat_x_hat[i1] = dy[(i0) * d + i1];
            }
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
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += (dx_hat_x_hat[(i1 + lane)] * x_hat[(i0) * d + (i1 + lane)]);
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += (dx_hat_x_hat[i1] * x_hat[(i0) * d + i1]);
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_3 = lanes[0];
            }
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= d; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += dx_hat_x_hat[(i1 + lane)];
                    }
                for (; i1 < d; ++i1) {
                    lanes[0] += dx_hat_x_hat[i1];
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dx_part_4 = lanes[0];
            }
            /* dx_ij = (dx̂_[x,hat;ij]′ − 1/d x̂_ij Σ_k dx̂_[x,hat;ik]′ x̂_ik − 1/d Σ_k dx̂_[x,hat;ik]′)/√(v_i + ε) */
            for (ptrdiff_t i1 = 0; i1 < d; ++i1) {
                dx[(i0) * d + i1] = (((dx_hat_x_hat[i1] - ((x_hat[(i0) * d + i1] * dx_part_3) / (double)((double)d))) - (dx_part_4 / (double)((double)d))) / sqrt((v + (double)((double)eps))));
            }
        }
    }
    /* dweight_[x,hat;j]′ = Σ_i x̂_ij dy_ij */
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
    /* dbias_[y;j] = Σ_i dy_ij */
    if (bias != NULL) {
        for (ptrdiff_t i0 = 0; i0 < d; ++i0) {
            {
                double lanes[32];
                for (int lane = 0; lane < 32; ++lane) lanes[lane] = 0;
                ptrdiff_t i1 = 0;
                for (; i1 + 32 <= r; i1 += 32)
                    for (int lane = 0; lane < 32; ++lane) {
                        lanes[lane] += dy[((i1 + lane)) * d + i0];
                    }
                for (; i1 < r; ++i1) {
                    lanes[0] += dy[(i1) * d + i0];
                }
                for (int half = 16; half > 0; half /= 2)
                    for (int lane = 0; lane < half; ++lane) {
                        lanes[lane] += lanes[lane + half];
                    }
                dbias[i0] = lanes[0];
            }
        }
    }
done:
    free(dx_hat_x_hat);
    free(c);
    free(x_hat);
    return outside;
}
