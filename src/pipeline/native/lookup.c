/* Texts among known ones: whose a fact is, and which word a column holds. */

#include <string.h>

#include "leadlight.h"

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

/* The same for short texts, whose bytes stand in the table: of the three places in memory that a text's search else
   waits for only one is left. A slot has `words` words of a key and one for its place, -1 where it is free; a key is the
   text padded with zeros, its length in the last byte. */
enum { MOST_WORDS = 5 };

static inline void key_of(const uint8_t *text, int64_t length, int words, uint64_t *key) {
    int64_t whole = length >> 3, rest = length & 7;
    for (int w = 0; w < words; w++) key[w] = 0;
    for (int64_t w = 0; w < whole; w++) key[w] = eight(text + 8 * w);
    if (rest) {
        uint64_t last = 0;
        if (length >= 8)
            last = eight(text + length - 8) >> (8 * (8 - rest));
        else
            for (int64_t i = rest; i-- > 0;) last = last << 8 | text[8 * whole + i];
        key[whole] = last;
    }
    key[words - 1] |= (uint64_t)length << 56;
}

static inline uint64_t hash_of_key(const uint64_t *key, int words) {
    uint64_t hash = 0x9E3779B97F4A7C15u;
    for (int w = 0; w < words; w++) hash = fold(key[w] ^ hash, 0xD1B54A32D192ED03u);
    return hash;
}

/* Enter different texts, all shorter than 8 * words bytes, into a table of `size` slots. */
LEADLIGHT_EXPORT void leadlight_keys(
    const uint8_t *data, const int64_t *offsets, int64_t texts, int64_t words, uint64_t *table, int64_t size
) {
    const int64_t stride = words + 1;
    uint64_t keys[BLOCK][MOST_WORDS];
    int64_t slots[BLOCK];
    for (int64_t i = 0; i < size; i++) table[i * stride + words] = (uint64_t)-1;
    for (int64_t block = 0; block < texts; block += BLOCK) {
        int64_t count = texts - block < BLOCK ? texts - block : BLOCK;
        for (int64_t i = 0; i < count; i++) {
            const int64_t *begin = offsets + block + i;
            key_of(data + begin[0], begin[1] - begin[0], (int)words, keys[i]);
            slots[i] = (int64_t)(hash_of_key(keys[i], (int)words) & (uint64_t)(size - 1));
            PREFETCH(table + slots[i] * stride);
            PREFETCH(table + slots[i] * stride + words);
        }
        for (int64_t i = 0; i < count; i++) {
            int64_t at = slots[i];
            while (table[at * stride + words] != (uint64_t)-1) at = (at + 1) & (size - 1);
            memcpy(table + at * stride, keys[i], (size_t)words * 8);
            table[at * stride + words] = (uint64_t)(block + i);
        }
    }
}

static inline int64_t find_keys(
    const int words, const uint64_t *table, int64_t size, const uint8_t *row_data, const void *row_offsets, int wide,
    const uint8_t *valid, int64_t first, int64_t rows, int32_t *found
) {
    const int64_t stride = words + 1;
    int64_t strangers = 0, slots[BLOCK];
    uint64_t keys[BLOCK][MOST_WORDS];
    for (int64_t block = 0; block < rows; block += BLOCK) {
        int64_t count = rows - block < BLOCK ? rows - block : BLOCK;
        for (int64_t i = 0; i < count; i++) {
            int64_t begin = bound(row_offsets, wide, block + i), length = bound(row_offsets, wide, block + i + 1) - begin;
            slots[i] = -1;
            if (length >= 8 * words) continue;
            key_of(row_data + begin, length, words, keys[i]);
            slots[i] = (int64_t)(hash_of_key(keys[i], words) & (uint64_t)(size - 1));
            PREFETCH(table + slots[i] * stride);
            PREFETCH(table + slots[i] * stride + words);
        }
        for (int64_t i = 0; i < count; i++) {
            int64_t row = block + i;
            if (valid && !(valid[(first + row) >> 3] >> ((first + row) & 7) & 1)) {
                found[row] = -1;
                continue;
            }
            int32_t place = -2;
            for (int64_t at = slots[i]; at >= 0 && table[at * stride + words] != (uint64_t)-1;
                 at = (at + 1) & (size - 1)) {
                int same = 1;
                for (int w = 0; w < words; w++) same &= table[at * stride + w] == keys[i][w];
                if (same) {
                    place = (int32_t)table[at * stride + words];
                    break;
                }
            }
            found[row] = place;
            strangers += place == -2;
        }
    }
    return strangers;
}

/* The place of each row's text, as leadlight_find. */
LEADLIGHT_EXPORT int64_t leadlight_find_keys(
    const uint64_t *table, int64_t size, int64_t words, const uint8_t *row_data, const void *row_offsets, int wide,
    const uint8_t *valid, int64_t first, int64_t rows, int32_t *found
) {
    switch (words) {
    case 1: return find_keys(1, table, size, row_data, row_offsets, wide, valid, first, rows, found);
    case 2: return find_keys(2, table, size, row_data, row_offsets, wide, valid, first, rows, found);
    case 3: return find_keys(3, table, size, row_data, row_offsets, wide, valid, first, rows, found);
    case 4: return find_keys(4, table, size, row_data, row_offsets, wide, valid, first, rows, found);
    default: return find_keys(MOST_WORDS, table, size, row_data, row_offsets, wide, valid, first, rows, found);
    }
}
