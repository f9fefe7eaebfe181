/* Facts on their way into a ledger: in which order they stand, and how their columns are laid out. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "leadlight.h"

struct moment {
    int64_t at, row;
};

static int earlier(const void *one, const void *other) {
    const struct moment *a = one, *b = other;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

/* The rows by entity (0 to entities - 1) and instant, equal ones as they came: `order`, and where each entity begins
   (`offsets`, entities + 1). `tied` marks places whose neighbour has the same entity and instant. How many are tied; -1
   where memory runs out. */
LEADLIGHT_EXPORT int64_t leadlight_order(
    const int32_t *entity, const int64_t *at, int64_t rows, int64_t entities, int64_t *order, int64_t *offsets,
    uint8_t *tied
) {
    memset(offsets, 0, (entities + 1) * sizeof *offsets);
    for (int64_t row = 0; row < rows; row++) offsets[entity[row] + 1]++;
    for (int64_t e = 0; e < entities; e++) offsets[e + 1] += offsets[e];
    int64_t *next = malloc((entities + 1) * sizeof *next);
    if (!next) return -1;
    memcpy(next, offsets, (entities + 1) * sizeof *next);
    for (int64_t row = 0; row < rows; row++) order[next[entity[row]]++] = row;
    free(next);

    struct moment *run = NULL;
    int64_t room = 0, ties = 0;
    memset(tied, 0, rows);
    for (int64_t e = 0; e < entities; e++) {
        int64_t low = offsets[e], high = offsets[e + 1], sorted = 1;
        for (int64_t i = low + 1; i < high && sorted; i++) sorted = at[order[i - 1]] <= at[order[i]];
        if (!sorted) {
            if (high - low > room) {
                free(run);
                room = 2 * (high - low);
                run = malloc(room * sizeof *run);
                if (!run) return -1;
            }
            for (int64_t i = low; i < high; i++) run[i - low] = (struct moment){at[order[i]], order[i]};
            qsort(run, high - low, sizeof *run, earlier);
            for (int64_t i = low; i < high; i++) order[i] = run[i - low].row;
        }
        for (int64_t i = low + 1; i < high; i++)
            if (at[order[i - 1]] == at[order[i]]) {
                ties += !tied[i - 1] + 1;
                tied[i - 1] = tied[i] = 1;
            }
    }
    free(run);
    return ties;
}

static int64_t bound(const void *offsets, int wide, int64_t place) {
    return wide ? ((const int64_t *)offsets)[place] : ((const int32_t *)offsets)[place];
}

/* Texts of at most `width` bytes side by side, padded with zeros: their order is that of their code points. */
LEADLIGHT_EXPORT void leadlight_fixed(
    const uint8_t *data, const void *offsets, int wide, int64_t rows, int64_t width, uint8_t *out
) {
    for (int64_t row = 0; row < rows; row++) {
        int64_t begin = bound(offsets, wide, row), length = bound(offsets, wide, row + 1) - begin;
        memcpy(out + row * width, data + begin, (size_t)length);
        memset(out + row * width + length, 0, (size_t)(width - length));
    }
}

/* Numbers without those that are no measure: a null, an infinite one and NaN become NaN. The first row that holds one
   larger than `largest` either way, -1 where none does. */
LEADLIGHT_EXPORT int64_t leadlight_numbers(
    const double *values, const uint8_t *valid, int64_t first, int64_t rows, double largest, double *out
) {
    int64_t wrong = -1;
    for (int64_t row = 0; row < rows; row++) {
        double value = values[row];
        if (valid && !(valid[(first + row) >> 3] >> ((first + row) & 7) & 1)) value = NAN;
        if (isinf(value)) value = NAN;
        if (wrong < 0 && fabs(value) > largest) wrong = row;
        out[row] = value;
    }
    return wrong;
}

/* Rows by part (0 to parts - 1), in the order in which they came: where each part begins (`edges`, parts + 1), and of
   each row where it goes. */
LEADLIGHT_EXPORT void leadlight_parts(const int32_t *part, int64_t rows, int64_t parts, int64_t *edges, int32_t *place) {
    for (int64_t p = 0; p <= parts; p++) edges[p] = 0;
    for (int64_t row = 0; row < rows; row++) edges[part[row] + 1]++;
    for (int64_t p = 0; p < parts; p++) edges[p + 1] += edges[p];
    for (int64_t row = 0; row < rows; row++) place[row] = (int32_t)edges[part[row]]++;
    for (int64_t p = parts; p > 0; p--) edges[p] = edges[p - 1];
    edges[0] = 0;
}

#define MOVE(type) \
    for (int64_t row = 0; row < rows; row++) ((type *)out)[place[row]] = ((const type *)values)[row]; \
    break

/* Each row of a column of `size` bytes a value goes to its place. */
LEADLIGHT_EXPORT void leadlight_scatter(
    const void *values, int64_t size, const int32_t *place, int64_t rows, void *out
) {
    switch (size) {
    case 1: MOVE(uint8_t);
    case 2: MOVE(uint16_t);
    case 4: MOVE(uint32_t);
    case 8: MOVE(uint64_t);
    default:
        for (int64_t row = 0; row < rows; row++)
            memcpy((uint8_t *)out + place[row] * size, (const uint8_t *)values + row * size, (size_t)size);
    }
}
