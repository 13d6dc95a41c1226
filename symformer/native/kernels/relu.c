/* relu, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline float larger_float(float x, float y) { return x > y || x != x ? x : y; }

static inline double larger_double(double x, double y) { return x > y || x != x ? x : y; }

int relu_float(ptrdiff_t r, const float *x, float *restrict y)
{
    int outside = 0;
    (void)r;
    (void)x;
    /* y_i = relu(x_i) */
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        y[i0] = larger_float(x[i0], (float)(0.0));
    }
    return outside;
}

int relu_double(ptrdiff_t r, const double *x, double *restrict y)
{
    int outside = 0;
    (void)r;
    (void)x;
    /* y_i = relu(x_i) */
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        y[i0] = larger_double(x[i0], (double)(0.0));
    }
    return outside;
}
