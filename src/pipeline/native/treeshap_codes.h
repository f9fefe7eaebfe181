/* The values of a row as 16-bit codes, by the thresholds of the trees: read as LightGBM reads them. */

#ifndef TREESHAP_CODES_H
#define TREESHAP_CODES_H

#include "treeshap.h"

#define GONE UINT16_MAX /* the code of what is missing */
#define TINY 1.0000000180025095e-35 /* LightGBM reads what is nearer to zero as zero */

/* A value's code: how many of the column's thresholds are smaller. `size` is a power of two. */
LEADLIGHT_INLINE uint16_t code(double x, int32_t kind, const double *thresholds, int64_t size) {
    if (kind == CATEGORY) {
        /* Towards zero, as LightGBM reads it. What is missing, negative or in no list has one code more than the lists. */
        return x > -1.0 && x < thresholds[0] ? (uint16_t)x : (uint16_t)thresholds[0];
    }
    int missing = x != x;
    if (missing && kind == MISSING_NAN) {
        return GONE;
    }
    if (missing || (x >= -TINY && x <= TINY)) {
        x = 0.0;
        if (kind == MISSING_ZERO) {
            return GONE;
        }
    }
    int64_t low = 0;
    for (int64_t step = size / 2; step > 0; step /= 2) {
        low += thresholds[low + step - 1] < x ? step : 0;
    }
    return (uint16_t)low;
}

/* The codes of a row, in steps of `stride`. */
LEADLIGHT_INLINE void encode(const Forest *f, const double *x, uint16_t *codes, int64_t stride) {
    for (int64_t c = 0; c < f->columns; c++) {
        const double *thresholds = f->thresholds + f->first_threshold[c];
        int64_t size = f->first_threshold[c + 1] - f->first_threshold[c];
        codes[c * stride] = code(x[f->column[c]], f->kind[c], thresholds, size);
    }
}

#endif
