/* relu_vjp, written by SymFormer: C99, and nothing but the standard library.

   Arrays are contiguous, the last axis innermost; sizes come first. Positions count from 0. A function returns 0; 1
   where a position lies outside its axis, and -1 where there is no memory: its results then mean nothing.
   Compile with -O3; -ffast-math would lose infinities and what is hidden. */

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int relu_vjp_float(ptrdiff_t r, const float *dy, const float *x, float *restrict dx)
{
    int outside = 0;
    (void)r;
    (void)dy;
    (void)x;
    /* dx_i = dy_i[x_i > 0] */
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        dx[i0] = ((x[i0] != x[i0]) ? x[i0] : ((x[i0] > (float)(0.0)) ? dy[i0] : 0));
    }
    return outside;
}

int relu_vjp_double(ptrdiff_t r, const double *dy, const double *x, double *restrict dx)
{
    int outside = 0;
    (void)r;
    (void)dy;
    (void)x;
    /* dx_i = dy_i[x_i > 0] */
    for (ptrdiff_t i0 = 0; i0 < r; ++i0) {
        dx[i0] = ((x[i0] != x[i0]) ? x[i0] : ((x[i0] > (double)(0.0)) ? dy[i0] : 0));
    }
    return outside;
}
