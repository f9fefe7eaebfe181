/* Facts on their way into a ledger: whose they are, and in which order they stand. */

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

/* Texts as Arrow keeps them: the bytes of text i are data[offsets[i]:offsets[i + 1]]. */
#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) (void)(address)
#endif

enum { BLOCK = 32 };

struct slot {
    uint32_t tag;
    int32_t place;                     /* -1 where the slot is free */
};

static uint64_t eight(const uint8_t *text) {
    uint64_t word;
    memcpy(&word, text, 8);
    return word;
}

/* The product of two words, its halves folded: every bit of it depends on every bit of both. */
static uint64_t fold(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
    unsigned __int128 whole = (unsigned __int128)a * b;
    return (uint64_t)(whole >> 64) ^ (uint64_t)whole;
#else
    uint64_t low_a = a & 0xFFFFFFFFu, high_a = a >> 32, low_b = b & 0xFFFFFFFFu, high_b = b >> 32;
    uint64_t low = low_a * low_b, one = high_a * low_b, other = low_a * high_b, high = high_a * high_b;
    uint64_t middle = (low >> 32) + (one & 0xFFFFFFFFu) + (other & 0xFFFFFFFFu);
    high += (one >> 32) + (other >> 32) + (middle >> 32);
    return high ^ (a * b);
#endif
}

static uint64_t hash_of(const uint8_t *text, int64_t length) {
    const uint64_t first = 0x9E3779B97F4A7C15u, second = 0xD1B54A32D192ED03u;
    uint64_t hash = (uint64_t)length * first;
    const uint8_t *end = text + length;
    for (; end - text > 16; text += 16) hash = fold(eight(text) ^ first, eight(text + 8) ^ second ^ hash);
    uint64_t a = 0, b = 0;
    if (end - text >= 8) {
        a = eight(text);
        b = eight(end - 8);
    } else
        memcpy(&a, text, (size_t)(end - text));
    return fold(a ^ first ^ hash, b ^ second);
}

static int64_t bound(const void *offsets, int wide, int64_t place) {
    return wide ? ((const int64_t *)offsets)[place] : ((const int32_t *)offsets)[place];
}

/* Enter different texts into a table of `size` slots, a power of two and at least twice as many. */
LEADLIGHT_EXPORT void leadlight_index(
    const uint8_t *data, const int64_t *offsets, int64_t texts, struct slot *table, int64_t size
) {
    for (int64_t i = 0; i < size; i++) table[i].place = -1;
    for (int64_t i = 0; i < texts; i++) {
        uint64_t hash = hash_of(data + offsets[i], offsets[i + 1] - offsets[i]);
        int64_t at = (int64_t)(hash & (uint64_t)(size - 1));
        while (table[at].place >= 0) at = (at + 1) & (size - 1);
        table[at] = (struct slot){(uint32_t)(hash >> 32), (int32_t)i};
    }
}

/* The place of each of `rows` texts among those of a table: -1 where it is null, -2 where it is none of them. `wide` says
   whether the rows' offsets have 64 bits; `valid` is Arrow's bitmap from bit `first` on, or null. How many are none. */
LEADLIGHT_EXPORT int64_t leadlight_find(
    const uint8_t *data, const int64_t *offsets, const struct slot *table, int64_t size, const uint8_t *row_data,
    const void *row_offsets, int wide, const uint8_t *valid, int64_t first, int64_t rows, int32_t *found
) {
    /* Rows are looked up in blocks, step by step, so that what a step waits for from memory is on its way for all. */
    int64_t strangers = 0, starts[BLOCK], lengths[BLOCK];
    uint64_t hashes[BLOCK];
    for (int64_t block = 0; block < rows; block += BLOCK) {
        int64_t count = rows - block < BLOCK ? rows - block : BLOCK;
        for (int64_t i = 0; i < count; i++) {
            starts[i] = bound(row_offsets, wide, block + i);
            lengths[i] = bound(row_offsets, wide, block + i + 1) - starts[i];
            hashes[i] = hash_of(row_data + starts[i], lengths[i]);
            PREFETCH(table + (hashes[i] & (uint64_t)(size - 1)));
        }
        for (int64_t i = 0; i < count; i++) {
            int32_t place = table[hashes[i] & (uint64_t)(size - 1)].place;
            if (place >= 0) PREFETCH(offsets + place);
        }
        for (int64_t i = 0; i < count; i++) {
            int32_t place = table[hashes[i] & (uint64_t)(size - 1)].place;
            if (place >= 0) PREFETCH(data + offsets[place]);
        }
        for (int64_t i = 0; i < count; i++) {
            int64_t row = block + i;
            if (valid && !(valid[(first + row) >> 3] >> ((first + row) & 7) & 1)) {
                found[row] = -1;
                continue;
            }
            uint32_t tag = (uint32_t)(hashes[i] >> 32);
            int32_t place = -2;
            for (int64_t at = (int64_t)(hashes[i] & (uint64_t)(size - 1)); table[at].place >= 0;
                 at = (at + 1) & (size - 1)) {
                int32_t here = table[at].place;
                if (table[at].tag == tag && offsets[here + 1] - offsets[here] == lengths[i] &&
                    !memcmp(data + offsets[here], row_data + starts[i], (size_t)lengths[i])) {
                    place = here;
                    break;
                }
            }
            found[row] = place;
            strangers += place == -2;
        }
    }
    return strangers;
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
    case 4: MOVE(uint32_t);
    case 8: MOVE(uint64_t);
    default:
        for (int64_t row = 0; row < rows; row++)
            memcpy((uint8_t *)out + place[row] * size, (const uint8_t *)values + row * size, (size_t)size);
    }
}
