/* Exact contributions of a tree ensemble, by tables: Fast TreeSHAP v2 (Yang 2021, arXiv:2109.09847) for groups of leaves.

   The contributions of a leaf depend on a row only through which of the leaf's path features the row satisfies. So they
   are computed once for every such pattern. Leaves that share most of their path are one group: its key holds a bit for
   each feature of the path above the group and a bit for each node inside it, its table the sum of its leaves'
   contributions for every key. A row costs its keys, and one addition for each feature of each group.

   1. A column's values become codes, so that a numeric node is one comparison of 16-bit integers.
   2. For a block of rows, tree by tree: each node's answers as bytes, 0xFF where the row goes left.
   3. For each group the rows' keys; then their lines of the tables are added to the sums of the groups' features.
   4. A leaf with more path features than a key holds is computed for the block's rows by the formula itself.

   Every row passes the same operations in the same order, whatever stands beside it. */

#include <stdlib.h>
#include <string.h>

#include "treeshap.h"

/* Rows that pass the trees together: their codes, answers and sums stay in the caches while the tables stream by. */
#define BLOCK 128
/* Rows of one vector instruction on bytes; comparisons and keys are of whole strips. */
#define STRIP 32
#define PATTERNS (1 << MOST_BITS)

#define GONE UINT16_MAX /* the code of what is missing */
#define TINY 1.0000000180025095e-35 /* LightGBM reads what is nearer to zero as zero */

typedef uint8_t Strip __attribute__((vector_size(STRIP)));

typedef struct {
    uint16_t *codes;   /* (columns, BLOCK) */
    double *sums;      /* (features, BLOCK) */
    uint8_t *answers;  /* (nodes of the largest tree, left and right, BLOCK) */
    uint8_t *keys;     /* (groups of the largest tree, BLOCK) */
    uint8_t *held;     /* (WIDEST, BLOCK) */
    double *parts;     /* (WIDEST, BLOCK) */
    double *before;    /* (WIDEST, BLOCK) */
    double after[BLOCK];
} Scratch;

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

/* The table of a group, added to `lines`: one line for each key. */
LEADLIGHT_HOT static void tabulate(const Forest *f, int64_t g, double *lines) {
    uint8_t held[MOST_BITS * PATTERNS];
    double out[MOST_BITS * PATTERNS], before[MOST_BITS * PATTERNS], after[PATTERNS];
    int64_t width = f->first_feature[g + 1] - f->first_feature[g];
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

/* The answers of one node, and their opposites: 0xFF for a row that goes left. A row alone fills its strip. */
LEADLIGHT_INLINE void answer(const Forest *f, int64_t node, const uint16_t *codes, int64_t n, int64_t padded,
                             uint8_t *left) {
    uint8_t *right = left + BLOCK;
    int number = f->listed_at[node] < 0;
    const uint8_t *listed = f->listed + (number ? 0 : f->listed_at[node]);
    uint16_t shift = f->shift[node], limit = f->limit[node];
    if (n == 1) {
        uint8_t is = number ? ((uint16_t)(codes[0] + shift) <= limit ? 0xFF : 0) : listed[codes[0]];
        memset(left, is, STRIP);
        memset(right, ~is, STRIP);
        return;
    }
    for (int64_t i = 0; !number && i < n; i++) {
        left[i] = listed[codes[i]];
    }
    for (int64_t s = 0; s < padded; s += STRIP) {
        for (int64_t i = s; number && i < s + STRIP; i++) {
            left[i] = (uint16_t)(codes[i] + shift) <= limit ? 0xFF : 0;
        }
        for (int64_t i = s; i < s + STRIP; i++) {
            right[i] = (uint8_t)~left[i];
        }
    }
}

/* The rows' keys: every bit is set but those of which a condition is not met. Their lines of the table are asked for. */
LEADLIGHT_INLINE void key(const Forest *f, int64_t g, const uint8_t *answers, int64_t n, int64_t padded, uint8_t *keys) {
    for (int64_t s = 0; s < padded; s += STRIP) {
        Strip held = (Strip){0} + (uint8_t)((1u << f->bits[g]) - 1);
        for (int64_t c = f->first_condition[g]; c < f->first_condition[g + 1]; c++) {
            Strip met;
            memcpy(&met, answers + (int64_t)f->condition[c] * BLOCK + s, STRIP);
            held &= met | (uint8_t)~(1u << f->bit[c]);
        }
        memcpy(keys + s, &held, STRIP);
    }
    const double *table = f->tables + f->table_at[g];
    int64_t width = f->first_feature[g + 1] - f->first_feature[g];
    for (int64_t i = 0; i < n; i++) {
        __builtin_prefetch(table + keys[i] * width);
        __builtin_prefetch(table + keys[i] * width + width - 1);
    }
}

/* Each row's line of a table, added to the sums of the `width` features of its group. */
LEADLIGHT_INLINE void add(const double *table, const uint8_t *keys, int64_t n, int width, const int32_t *feature,
                          double *sums) {
    double *to[MOST_BITS];
    for (int k = 0; k < width; k++) {
        to[k] = sums + (int64_t)feature[k] * BLOCK;
    }
    for (int64_t i = 0; i < n; i++) {
        const double *line = table + keys[i] * width;
        for (int k = 0; k < width; k++) {
            to[k][i] += line[k];
        }
    }
}

/* The same with the width as a constant, so that the additions of a row are written out. */
LEADLIGHT_INLINE void add_group(const Forest *f, int64_t g, const uint8_t *keys, int64_t n, double *sums) {
    const int32_t *feature = f->feature + f->first_feature[g];
    const double *table = f->tables + f->table_at[g];
    switch (f->first_feature[g + 1] - f->first_feature[g]) {
    case 1: add(table, keys, n, 1, feature, sums); break;
    case 2: add(table, keys, n, 2, feature, sums); break;
    case 3: add(table, keys, n, 3, feature, sums); break;
    case 4: add(table, keys, n, 4, feature, sums); break;
    case 5: add(table, keys, n, 5, feature, sums); break;
    case 6: add(table, keys, n, 6, feature, sums); break;
    case 7: add(table, keys, n, 7, feature, sums); break;
    default: add(table, keys, n, 8, feature, sums); break;
    }
}

/* A wide leaf's part of the rows' sums, by the formula. */
LEADLIGHT_INLINE void add_leaf(const Forest *f, int64_t g, Scratch *s, int64_t n) {
    const int32_t *feature = f->feature + f->first_feature[g];
    int64_t width = f->first_feature[g + 1] - f->first_feature[g];
    memset(s->held, 0xFF, (size_t)(width * BLOCK));
    for (int64_t c = f->first_condition[g]; c < f->first_condition[g + 1]; c++) {
        for (int64_t i = 0; i < n; i++) {
            s->held[f->bit[c] * BLOCK + i] &= s->answers[f->condition[c] * BLOCK + i];
        }
    }
    leaf(f, f->first_leaf[g], width, n, BLOCK, s->held, s->parts, s->before, s->after);
    for (int64_t k = 0; k < width; k++) {
        for (int64_t i = 0; i < n; i++) {
            s->sums[feature[k] * BLOCK + i] += s->parts[k * BLOCK + i];
        }
    }
}

/* Contributions of up to BLOCK rows of p columns; `out` holds zeros, and the expected value in its last column. */
LEADLIGHT_HOT static void block(const Forest *forest, const double *X, int64_t n, int64_t p, double *out, Scratch *s) {
    const Forest own = *forest, *f = &own; /* a copy, which no store of a byte can change */
    int64_t padded = (n + STRIP - 1) / STRIP * STRIP;
    for (int64_t c = 0; c < f->columns; c++) {
        const double *thresholds = f->thresholds + f->first_threshold[c];
        int64_t size = f->first_threshold[c + 1] - f->first_threshold[c];
        for (int64_t i = 0; i < n; i++) {
            s->codes[c * BLOCK + i] = code(X[i * p + f->column[c]], f->kind[c], thresholds, size);
        }
    }
    memset(s->sums, 0, sizeof(double) * (size_t)(f->features * BLOCK));
    for (int64_t tree = 0; tree < f->trees; tree++) {
        int64_t node = f->first_node[tree], last = f->first_node[tree + 1];
        for (uint8_t *answers = s->answers; node < last; node++, answers += 2 * BLOCK) {
            answer(f, node, s->codes + (int64_t)f->code[node] * BLOCK, n, padded, answers);
        }
        int64_t first = f->first_group[tree], end = f->first_group[tree + 1];
        uint8_t *keys = s->keys;
        for (int64_t g = first; g < end; g++, keys += BLOCK) {
            if (f->table_at[g] < 0) {
                add_leaf(f, g, s, n);
            } else {
                key(f, g, s->answers, n, padded, keys);
            }
        }
        keys = s->keys;
        for (int64_t g = first; g < end; g++, keys += BLOCK) {
            if (f->table_at[g] >= 0) {
                add_group(f, g, keys, n, s->sums);
            }
        }
    }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < f->features; k++) {
            out[i * (p + 1) + f->used[k]] = s->sums[k * BLOCK + i];
        }
    }
}

/* Contributions of n rows of p columns (n, p + 1); `out` holds zeros, and the expected value in its last column. 0, or -1
   without memory. */
LEADLIGHT_EXPORT int treeshap_rows(const Forest *f, const double *X, int64_t n, int64_t p, double *out) {
    Scratch s;
    s.codes = calloc((size_t)f->columns * BLOCK + 1, sizeof(uint16_t));
    s.sums = malloc((size_t)f->features * BLOCK * sizeof(double) + 1);
    s.answers = calloc((size_t)f->nodes * 2 + 1, BLOCK);
    s.keys = malloc(((size_t)f->nodes + 1) * BLOCK);
    s.held = malloc(WIDEST * BLOCK);
    s.parts = malloc(WIDEST * BLOCK * sizeof(double));
    s.before = malloc(WIDEST * BLOCK * sizeof(double));
    int done = s.codes && s.sums && s.answers && s.keys && s.held && s.parts && s.before;
    for (int64_t i = 0; done && i < n; i += BLOCK) {
        block(f, X + i * p, n - i < BLOCK ? n - i : BLOCK, p, out + i * (p + 1), &s);
    }
    void *reserved[] = {s.codes, s.sums, s.answers, s.keys, s.held, s.parts, s.before};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        free(reserved[i]);
    }
    return done ? 0 : -1;
}
