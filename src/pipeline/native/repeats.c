/* Which of many values are alike: ids of facts, and objects by their address. */

#include <stdlib.h>
#include <string.h>

#include "leadlight.h"

static uint64_t mixed(uint64_t hash, uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

static int64_t slots_for(int64_t rows) {
    int64_t size = 16;
    while (size < 2 * rows) size *= 2;
    return size;
}

/* Which of `rows` facts have an id (`width` bytes, a multiple of 8; all 0 is none) that another fact of their entity has.
   How many; -1 where memory runs out. */
LEADLIGHT_EXPORT int64_t leadlight_repeated(
    const int32_t *entity, const uint64_t *ids, int64_t width, int64_t rows, uint8_t *repeated
) {
    int64_t words = width / 8, size = slots_for(rows), found = 0;
    int32_t *first = malloc(size * sizeof *first);
    if (!first) return -1;
    memset(first, -1, size * sizeof *first);
    memset(repeated, 0, rows);
    for (int64_t row = 0; row < rows; row++) {
        const uint64_t *id = ids + row * words;
        uint64_t any = 0, hash = (uint32_t)entity[row];
        for (int64_t i = 0; i < words; i++) {
            any |= id[i];
            hash = mixed(hash, id[i]);
        }
        if (!any) continue;
        int64_t at = (int64_t)(hash & (uint64_t)(size - 1));
        for (; first[at] >= 0; at = (at + 1) & (size - 1)) {
            int64_t other = first[at];
            if (entity[other] == entity[row] && !memcmp(ids + other * words, id, (size_t)width)) break;
        }
        if (first[at] < 0) {
            first[at] = (int32_t)row;
            continue;
        }
        found += !repeated[first[at]] + 1;
        repeated[first[at]] = repeated[row] = 1;
    }
    free(first);
    return found;
}

/* The different ones among `rows` values, in the order in which they are met: `first` is the row where each is, `code` says
   of every row which it has. How many there are; -1 where they are more than `most`, or memory runs out. */
LEADLIGHT_EXPORT int64_t leadlight_distinct(
    const uint64_t *values, int64_t rows, int64_t most, int64_t *first, int32_t *code
) {
    int64_t size = slots_for(most), found = 0;
    int32_t *table = malloc(size * sizeof *table);
    if (!table) return -1;
    memset(table, -1, size * sizeof *table);
    for (int64_t row = 0; row < rows; row++) {
        int64_t at = (int64_t)(mixed(0, values[row]) >> 7 & (uint64_t)(size - 1));
        while (table[at] >= 0 && values[first[table[at]]] != values[row]) at = (at + 1) & (size - 1);
        if (table[at] < 0) {
            if (found == most) {
                found = -1;
                break;
            }
            first[found] = row;
            table[at] = (int32_t)found++;
        }
        code[row] = table[at];
    }
    free(table);
    return found;
}
