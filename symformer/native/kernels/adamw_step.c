/* adamw_step, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int adamw_step_float(ptrdiff_t r, const float *param, double lr, double weight_decay, double beta1, ptrdiff_t step, const float *m, const float *grad, double beta2, const float *v, double eps, float *restrict param_new, float *restrict m_new, float *restrict v_new)
{
    int outside = 0;
    (void)r;
    (void)param;
    (void)lr;
    (void)weight_decay;
    (void)beta1;
    (void)step;
    (void)m;
    (void)grad;
    (void)beta2;
    (void)v;
    (void)eps;
    float theta = 0;
    (void)theta;
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        /* θ_i = param_i − param_i lr weight_decay */
        theta = (param[i0] - ((float)(((double)lr * (double)weight_decay)) * param[i0]));
        /* m_[new;i] = β_1 m_i + (1 − β_1) grad_i */
        m_new[i0] = (((float)((double)beta1) * m[i0]) + ((float)((1.0 - (double)beta1)) * grad[i0]));
        /* v_[new;i] = β_2 v_i + (1 − β_2) grad_i^2 */
        v_new[i0] = (((float)((double)beta2) * v[i0]) + ((float)((1.0 - (double)beta2)) * (grad[i0] * grad[i0])));
        /* param_[new;i] = θ_i − (lr/(1 − β_1^step) m_[new;i])/(√(v_[new;i])/√(1 − β_2^step) + ε) */
        param_new[i0] = (theta - (((float)(((double)lr / (1.0 - pow((double)beta1, (double)step)))) * m_new[i0]) / ((sqrtf(v_new[i0]) / (float)(sqrt((1.0 - pow((double)beta2, (double)step))))) + (float)((double)eps))));
    }
    return outside;
}

int adamw_step_double(ptrdiff_t r, const double *param, double lr, double weight_decay, double beta1, ptrdiff_t step, const double *m, const double *grad, double beta2, const double *v, double eps, double *restrict param_new, double *restrict m_new, double *restrict v_new)
{
    int outside = 0;
    (void)r;
    (void)param;
    (void)lr;
    (void)weight_decay;
    (void)beta1;
    (void)step;
    (void)m;
    (void)grad;
    (void)beta2;
    (void)v;
    (void)eps;
    double theta = 0;
    (void)theta;
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        /* θ_i = param_i − param_i lr weight_decay */
        theta = (param[i0] - ((double)(((double)lr * (double)weight_decay)) * param[i0]));
        /* m_[new;i] = β_1 m_i + (1 − β_1) grad_i */
        m_new[i0] = (((double)((double)beta1) * m[i0]) + ((double)((1.0 - (double)beta1)) * grad[i0]));
        /* v_[new;i] = β_2 v_i + (1 − β_2) grad_i^2 */
        v_new[i0] = (((double)((double)beta2) * v[i0]) + ((double)((1.0 - (double)beta2)) * (grad[i0] * grad[i0])));
        /* param_[new;i] = θ_i − (lr/(1 − β_1^step) m_[new;i])/(√(v_[new;i])/√(1 − β_2^step) + ε) */
        param_new[i0] = (theta - (((double)(((double)lr / (1.0 - pow((double)beta1, (double)step)))) * m_new[i0]) / ((sqrt(v_new[i0]) / (double)(sqrt((1.0 - pow((double)beta2, (double)step))))) + (double)((double)eps))));
    }
    return outside;
}
