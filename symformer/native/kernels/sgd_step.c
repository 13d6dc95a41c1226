/* sgd_step, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int sgd_step_float(ptrdiff_t r, const float *param, double lr, double momentum, const float *momentum_buffer, const float *grad, double weight_decay, float *restrict param_new, float *restrict g)
{
    int outside = 0;
    (void)r;
    (void)param;
    (void)lr;
    (void)momentum;
    (void)momentum_buffer;
    (void)grad;
    (void)weight_decay;
    if (momentum_buffer != NULL) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* g_i = grad_i + weight_decay param_i */
            g[i0] = (grad[i0] + ((float)((double)weight_decay) * param[i0]));
            /* b_i = momentum momentum_[buffer;i] + g_i */
            g[i0] = (((float)((double)momentum) * momentum_buffer[i0]) + g[i0]);
            /* param_[new;i] = param_i − lr b_i */
            param_new[i0] = (param[i0] - ((float)((double)lr) * g[i0]));
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* g_i = grad_i + weight_decay param_i */
            g[i0] = (grad[i0] + ((float)((double)weight_decay) * param[i0]));
            /* param_[new;i] = param_i − lr b_i */
            param_new[i0] = (param[i0] - ((float)((double)lr) * g[i0]));
        }
    }
    return outside;
}

int sgd_step_double(ptrdiff_t r, const double *param, double lr, double momentum, const double *momentum_buffer, const double *grad, double weight_decay, double *restrict param_new, double *restrict g)
{
    int outside = 0;
    (void)r;
    (void)param;
    (void)lr;
    (void)momentum;
    (void)momentum_buffer;
    (void)grad;
    (void)weight_decay;
    if (momentum_buffer != NULL) {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* g_i = grad_i + weight_decay param_i */
            g[i0] = (grad[i0] + ((double)((double)weight_decay) * param[i0]));
            /* b_i = momentum momentum_[buffer;i] + g_i */
            g[i0] = (((double)((double)momentum) * momentum_buffer[i0]) + g[i0]);
            /* param_[new;i] = param_i − lr b_i */
            param_new[i0] = (param[i0] - ((double)((double)lr) * g[i0]));
        }
    }
    else {
        for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
            /* g_i = grad_i + weight_decay param_i */
            g[i0] = (grad[i0] + ((double)((double)weight_decay) * param[i0]));
            /* param_[new;i] = param_i − lr b_i */
            param_new[i0] = (param[i0] - ((double)((double)lr) * g[i0]));
        }
    }
    return outside;
}
