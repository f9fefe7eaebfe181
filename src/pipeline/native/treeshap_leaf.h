/* The contributions of one leaf, by the formula: for the patterns of a table, and for rows where there is no table. */

#ifndef TREESHAP_LEAF_H
#define TREESHAP_LEAF_H

#include <string.h>

#include "treeshap.h"

/* Contributions of one leaf for n patterns of its m path features: out[k][i] for held[k][i] = 0xFF or 0, in lines of
   `stride`. With every feature's time of arrival uniform in [0, 1], feature k of a pattern is worth
   value * integral of (held_k - ratio_k) * product over the others of (t * held_j + (1 - t) * ratio_j), a polynomial of
   degree m - 1, which Gauss's formula with (m + 1) / 2 points integrates exactly. */
LEADLIGHT_INLINE void leaf(const Forest *f, int64_t which, int64_t m, int64_t n, int64_t stride, const uint8_t *held,
                           double *out, double *before, double *after) {
    const double *ratio = f->ratio + f->first_factor[which];
    int64_t points = (m + 1) / 2;
    const double *t = f->points + points * (points - 1), *weight = t + points;
    memset(out, 0, sizeof(double) * (size_t)(m * stride));
    for (int64_t q = 0; q < points; q++) {
        for (int64_t i = 0; i < n; i++) {
            before[i] = 1.0;
            after[i] = weight[q] * f->value[which];
        }
        for (int64_t k = 0; k + 1 < m; k++) {
            double absent = (1.0 - t[q]) * ratio[k], present = absent + t[q];
            for (int64_t i = 0; i < n; i++) {
                before[(k + 1) * stride + i] = before[k * stride + i] * (held[k * stride + i] ? present : absent);
            }
        }
        for (int64_t k = m - 1; k >= 0; k--) {
            double absent = (1.0 - t[q]) * ratio[k], present = absent + t[q];
            double won = 1.0 - ratio[k], lost = -ratio[k];
            for (int64_t i = 0; i < n; i++) {
                uint8_t is = held[k * stride + i];
                out[k * stride + i] += before[k * stride + i] * after[i] * (is ? won : lost);
                after[i] *= is ? present : absent;
            }
        }
    }
}

#endif
