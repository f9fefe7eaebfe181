/* Exact contributions of a tree ensemble, by tables: Fast TreeSHAP v2 (Yang 2021, arXiv:2109.09847) for groups of leaves.

   The contributions of a leaf depend on a row only through which of the leaf's path features the row satisfies. So they
   are computed once for every such pattern. Leaves that share most of their path are one group: its key holds a bit for
   each feature of the path above the group and a bit for each node inside it, its table the sum of its leaves'
   contributions for every key. A row costs its keys, and one addition for each feature of each group.

   1. A column's values become codes, so that a numeric node is one comparison of 16-bit integers.
   2. For a block of rows, tree by tree: each node's answers as bytes, 0xFF where the row goes left.
   3. From the root down to the groups: the keys' bits of the path. Inside the groups: the bits of their nodes.
   4. The keys' lines of the tables are added to the sums of the groups' features.
   5. A leaf with more path features than a key holds is computed for the block's rows by the formula itself.

   Every row passes the same additions in the same order, whatever stands beside it, also where it is alone. */

#include <stdlib.h>
#include <string.h>

#include "treeshap_codes.h"
#include "treeshap_leaf.h"

/* Rows that pass the trees together: their codes, answers and sums stay in the caches while the tables stream by. */
#define BLOCK 128
/* Rows of one vector instruction on bytes; comparisons and keys are of whole strips. */
#define STRIP 32

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTES_IN_ORDER 1
#else
#define BYTES_IN_ORDER 0
#endif

typedef uint8_t Strip __attribute__((vector_size(STRIP)));

typedef struct {
    uint16_t *codes;   /* (columns, BLOCK) */
    uint16_t *seen;    /* (nodes of the largest tree) */
    double *sums;      /* (features, BLOCK), and MOST_BITS more */
    uint8_t *answers;  /* (nodes of the largest tree, BLOCK) */
    uint8_t *keys;     /* (places of the largest tree, BLOCK) */
    const double **lines; /* (groups) */
    uint8_t *held;     /* (WIDEST, BLOCK) */
    double *parts;     /* (WIDEST, BLOCK) */
    double *before;    /* (WIDEST, BLOCK) */
    double after[BLOCK];
} Scratch;

/* The answers of one node: 0xFF for a row that goes left. */
LEADLIGHT_INLINE void answer(const Forest *f, int64_t node, const uint16_t *codes, int64_t n, int64_t padded,
                             uint8_t *left) {
    if (f->listed_at[node] >= 0) {
        const uint8_t *listed = f->listed + f->listed_at[node];
        for (int64_t i = 0; i < n; i++) {
            left[i] = listed[codes[i]];
        }
        return;
    }
    uint16_t shift = f->shift[node], limit = f->limit[node];
    for (int64_t s = 0; s < padded; s += STRIP) {
        for (int64_t i = s; i < s + STRIP; i++) {
            left[i] = (uint16_t)(codes[i] + shift) <= limit ? 0xFF : 0;
        }
    }
}

/* The keys below a node that stands above the groups: what is not satisfied loses its bit. */
LEADLIGHT_INLINE void descend(const uint8_t *answers, uint8_t bit, const uint8_t *from, int64_t padded, uint8_t *left) {
    for (int64_t s = 0; s < padded; s += STRIP) {
        Strip goes, key;
        memcpy(&goes, answers + s, STRIP);
        memcpy(&key, from + s, STRIP);
        Strip further = key & (goes | (uint8_t)~bit), other = key & ~(goes & bit);
        memcpy(left + s, &further, STRIP);
        memcpy(left + BLOCK + s, &other, STRIP);
    }
}

/* The keys of a group, complete; their lines of the table are asked for. */
LEADLIGHT_INLINE void complete(const Forest *f, int64_t g, const uint8_t *answers, int64_t n, int64_t padded,
                               uint8_t *keys) {
    int64_t inside = f->bits[g] - f->above[g];
    for (int64_t s = 0; s < padded; s += STRIP) {
        Strip key;
        memcpy(&key, keys + s, STRIP);
        key &= (uint8_t)((1u << f->bits[g]) - 1);
        for (int64_t k = 0; k < inside; k++) {
            Strip goes;
            memcpy(&goes, answers + (f->inside[g] + k) * BLOCK + s, STRIP);
            key &= goes | (uint8_t)~(1u << (f->above[g] + k));
        }
        memcpy(keys + s, &key, STRIP);
    }
    const double *table = f->tables + f->table_at[g];
    for (int64_t i = 0; i < n; i++) {
        __builtin_prefetch(table + keys[i] * f->width[g]);
        __builtin_prefetch(table + keys[i] * f->width[g] + f->width[g] - 1);
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
    switch (f->width[g]) {
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
    int64_t width = f->width[g];
    memset(s->held, 0xFF, (size_t)(width * BLOCK));
    for (int64_t c = f->first_condition[g]; c < f->first_condition[g + 1]; c++) {
        /* A node, doubled, and one more where the row has to go right. */
        const uint8_t *answers = s->answers + (f->condition[c] >> 1) * BLOCK, other = f->condition[c] & 1 ? 0xFF : 0;
        for (int64_t i = 0; i < n; i++) {
            s->held[f->part[c] * BLOCK + i] &= answers[i] ^ other;
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
    for (int64_t i = 0; i < n; i++) {
        encode(f, X + i * p, s->codes + i, BLOCK);
    }
    memset(s->sums, 0, sizeof(double) * (size_t)(f->features * BLOCK));
    for (int64_t tree = 0; tree < f->trees; tree++) {
        int64_t first = f->first_node[tree];
        for (int64_t node = first; node < f->first_node[tree + 1]; node++) {
            const uint16_t *codes = s->codes + (int64_t)f->code[node] * BLOCK;
            answer(f, node, codes, n, padded, s->answers + (node - first) * BLOCK);
        }
        memset(s->keys, 0xFF, BLOCK);
        uint8_t *below = s->keys + BLOCK;
        for (int64_t t = f->first_turn[tree]; t < f->first_turn[tree + 1]; t++, below += 2 * BLOCK) {
            const uint8_t *answers = s->answers + (int64_t)f->turn[t] * BLOCK;
            descend(answers, f->turn_bit[t], s->keys + (int64_t)f->turn_place[t] * BLOCK, padded, below);
        }
        for (int64_t g = f->first_group[tree]; g < f->first_group[tree + 1]; g++) {
            if (f->table_at[g] < 0) {
                add_leaf(f, g, s, n);
            } else {
                complete(f, g, s->answers, n, padded, s->keys + (int64_t)f->place[g] * BLOCK);
            }
        }
        for (int64_t g = f->first_group[tree]; g < f->first_group[tree + 1]; g++) {
            if (f->table_at[g] >= 0) {
                add_group(f, g, s->keys + (int64_t)f->place[g] * BLOCK, n, s->sums);
            }
        }
    }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < f->features; k++) {
            out[i * (p + 1) + f->used[k]] = s->sums[k * BLOCK + i];
        }
    }
}

/* One row by itself: the same additions in the same order, on single values instead of blocks. */
LEADLIGHT_HOT static void alone(const Forest *forest, const double *x, double *out, Scratch *s) {
    const Forest own = *forest, *f = &own;
    encode(f, x, s->codes, 1);
    memset(s->sums, 0, sizeof(double) * (size_t)(f->features + MOST_BITS));
    s->keys[0] = 0xFF;
    for (int64_t tree = 0; tree < f->trees; tree++) {
        int64_t first = f->first_node[tree], count = f->first_node[tree + 1] - first;
        for (int64_t node = 0; node < count; node++) {
            s->seen[node] = s->codes[f->code[first + node]];
        }
        for (int64_t l = f->first_category[tree]; l < f->first_category[tree + 1]; l++) {
            /* As a number that goes left if it is 0. */
            int32_t node = f->category[l];
            s->seen[node] = f->listed[f->listed_at[first + node] + s->seen[node]] ? 0 : GONE;
        }
        for (int64_t node = 0; node < count; node++) {
            s->answers[node] = (uint16_t)(s->seen[node] + f->shift[first + node]) <= f->limit[first + node] ? 0xFF : 0;
        }
        uint8_t *below = s->keys + 1;
        for (int64_t t = f->first_turn[tree]; t < f->first_turn[tree + 1]; t++, below += 2) {
            uint8_t from = s->keys[f->turn_place[t]], goes = s->answers[f->turn[t]];
            below[0] = from & (goes | (uint8_t)~f->turn_bit[t]);
            below[1] = from & (uint8_t)~(goes & f->turn_bit[t]);
        }
        for (int64_t g = f->first_group[tree]; g < f->first_group[tree + 1]; g++) {
            /* Eight answers become the bits of a byte; those beyond the group's are cut off. */
            uint64_t answers;
            memcpy(&answers, s->answers + f->inside[g], sizeof answers);
            answers = ((answers & 0x0101010101010101u) * 0x0102040810204080u) >> 56;
            uint64_t above = (1u << f->above[g]) - 1, all = (1u << f->bits[g]) - 1;
            uint64_t key = (s->keys[f->place[g]] & above) | (answers << f->above[g] & all);
            s->lines[g] = f->tables + f->table_at[g] + key * (uint64_t)f->width[g];
            __builtin_prefetch(s->lines[g]);
            __builtin_prefetch(s->lines[g] + MOST_BITS - 1);
        }
    }
    for (int64_t g = 0; g < f->first_group[f->trees]; g++) {
        const int32_t *feature = f->feature + f->first_feature[g];
        /* Always as many: what lies beyond the line goes to sums that nobody reads. */
        for (int k = 0; k < MOST_BITS; k++) {
            s->sums[feature[k]] += s->lines[g][k];
        }
    }
    for (int64_t k = 0; k < f->features; k++) {
        out[f->used[k]] = s->sums[k];
    }
}

/* Contributions of n rows of p columns (n, p + 1); `out` holds zeros, and the expected value in its last column. 0, or -1
   without memory. */
LEADLIGHT_EXPORT int treeshap_rows(const Forest *f, const double *X, int64_t n, int64_t p, double *out) {
    Scratch s;
    s.codes = calloc((size_t)f->columns * BLOCK + 1, sizeof(uint16_t));
    s.seen = malloc((size_t)(f->nodes + 1) * sizeof(uint16_t));
    s.sums = malloc((size_t)(f->features * BLOCK + MOST_BITS) * sizeof(double));
    s.answers = calloc((size_t)f->nodes + 1, BLOCK);
    s.keys = malloc((size_t)(f->nodes + 1) * 2 * BLOCK);
    s.lines = malloc((size_t)(f->first_group[f->trees] + 1) * sizeof(double *));
    s.held = malloc(WIDEST * BLOCK);
    s.parts = malloc(WIDEST * BLOCK * sizeof(double));
    s.before = malloc(WIDEST * BLOCK * sizeof(double));
    void *reserved[] = {s.codes, s.seen, s.sums, s.answers, s.keys, (void *)s.lines, s.held, s.parts, s.before};
    int done = 1;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        done = done && reserved[i];
    }
    if (done && n == 1 && BYTES_IN_ORDER && !f->wide) {
        alone(f, X, out, &s);
    } else if (done) {
        for (int64_t i = 0; i < n; i += BLOCK) {
            block(f, X + i * p, n - i < BLOCK ? n - i : BLOCK, p, out + i * (p + 1), &s);
        }
    }
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
        free(reserved[i]);
    }
    return done ? 0 : -1;
}
