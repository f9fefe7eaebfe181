/* The tables of contributions, filled once a model. */

#include "treeshap_leaf.h"

#define PATTERNS (1 << MOST_BITS)

/* The table of a group, added to `lines`: one line for each key. */
LEADLIGHT_HOT static void tabulate(const Forest *f, int64_t g, double *lines) {
    uint8_t held[MOST_BITS * PATTERNS];
    double out[MOST_BITS * PATTERNS], before[MOST_BITS * PATTERNS], after[PATTERNS];
    int64_t width = f->width[g];
    for (int64_t k = 0; k < MOST_BITS; k++) {
        for (int64_t i = 0; i < PATTERNS; i++) {
            held[k * PATTERNS + i] = i >> k & 1 ? 0xFF : 0;
        }
    }
    for (int64_t l = f->first_leaf[g]; l < f->first_leaf[g + 1]; l++) {
        int64_t first = f->first_factor[l], m = f->first_factor[l + 1] - first;
        leaf(f, l, m, 1LL << m, PATTERNS, held, out, before, after);
        for (int64_t key = 0; key < 1LL << f->bits[g]; key++) {
            int64_t pattern = 0;
            for (int64_t k = 0; k < m; k++) {
                pattern |= (int64_t)((key & f->mask[first + k]) == f->want[first + k]) << k;
            }
            for (int64_t k = 0; k < m; k++) {
                lines[key * width + f->position[first + k]] += out[k * PATTERNS + pattern];
            }
        }
    }
}

/* The tables of all groups, into zeros. */
LEADLIGHT_EXPORT void treeshap_tables(const Forest *f, double *tables) {
    for (int64_t g = 0; g < f->first_group[f->trees]; g++) {
        if (f->table_at[g] >= 0) {
            tabulate(f, g, tables + f->table_at[g]);
        }
    }
}
