/* The kernel: the measures of observations, from the facts of a ledger (DESIGN section 4).

   Observations come by entity and cutoff. For each entity, in this order:
   1. facts are walked once, in their order; each is appended to the list of every choice that names it, and measures
      without a window take it into what they carry: a sum from the first fact on stays the sum of a plain loop;
   2. at a cutoff the walk stops before the first fact with `at >= cutoff`; each span (a choice in a window) moves its
      start to the first fact with `cutoff - window <= at`; what is in between is the slice;
   3. counts and days are read off the slice's ends; sums, distinct texts and unanswered facts of a window walk the slice
      from left to right. A measure depends on its slice alone: the same bits alone and in a crowd.
   Where a fact of the entity was known late, or the lead must not see some deal, the walk starts anew at each cutoff and
   passes over the facts that are invisible there. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "leadlight.h"

enum word {
    COUNT, SHARE, TOTAL, MEAN, LARGEST, DISTINCT, LATEST, LATEST_TEXT, DAYS_SINCE_FIRST, DAYS_SINCE_LAST, UNANSWERED, TREND
};

enum { OUTBOUND = 2, INBOUND = 1 };

static const double DAY = 86400e6;

/* Facts of entity e stand at offsets[e]:offsets[e + 1]. Missing is NaN in numbers, -1 in codes. */
struct ledger {
    const int64_t *offsets, *at;
    const int64_t *seen;               /* null where every fact is known when it happens */
    const int32_t *class_of;           /* of each fact the class: which choices name it */
    const int8_t *flow;
    const int64_t *own;                /* pairs lead * facts + fact that the lead never sees, sorted */
    int64_t facts, owned;
};

/* Choice 0 is every fact. Choices of class c stand at class_start[c]:class_start[c + 1]. */
struct plan {
    const int32_t *class_start, *class_choice;
    const int32_t *span_choice;        /* a span is a choice in a window */
    const int64_t *span_window;        /* negative without a window */
    const int32_t *word, *span, *other; /* of each measure: what it computes, of which span, and beside which */
    const void *const *column;         /* of each measure: doubles, or codes of texts or days; null if it needs none */
    const int64_t *codes;              /* of each measure of codes: how many there are */
    const double *scale, *other_scale; /* windows in days, for a trend */
    int64_t choices, spans, measures;
};

struct rows {
    const int64_t *lead, *entity, *cutoff;
    double *out;                       /* measure m of row r at out[m * stride + r] */
    int64_t begin, end, stride;
};

/* What a measure without a window carries from fact to fact. */
struct carried {
    double number;
    int64_t count;
};

struct walk {
    int64_t *start;                    /* of each span: the first fact of its list that is in the window */
    int64_t *base, *length;            /* of each choice: where its list begins, and how long it is */
    int32_t *list;                     /* facts of the choices, relative to the entity's first */
    int64_t room;
    struct carried *carried;
    uint32_t **stamps;                 /* of each measure that tells codes apart: when it saw each of them last */
    uint32_t *clock;
    int32_t *carry_start, *carry;      /* of each choice: the measures that carry */
};

static int carries(const struct plan *plan, int64_t m) {
    if (plan->span_window[plan->span[m]] >= 0) return 0;
    switch (plan->word[m]) {
    case TOTAL: case MEAN: case LARGEST: case DISTINCT: case LATEST: case LATEST_TEXT: case UNANSWERED: return 1;
    default: return 0;
    }
}

static void release(const struct plan *plan, struct walk *walk) {
    if (walk->stamps)
        for (int64_t m = 0; m < plan->measures; m++) free(walk->stamps[m]);
    free(walk->start); free(walk->base); free(walk->length); free(walk->list); free(walk->carried);
    free(walk->stamps); free(walk->clock); free(walk->carry_start); free(walk->carry);
}

static int prepare(const struct plan *plan, struct walk *walk) {
    memset(walk, 0, sizeof *walk);
    walk->start = calloc(plan->spans + 1, sizeof *walk->start);
    walk->base = calloc(plan->choices + 1, sizeof *walk->base);
    walk->length = calloc(plan->choices + 1, sizeof *walk->length);
    walk->carried = calloc(plan->measures + 1, sizeof *walk->carried);
    walk->stamps = calloc(plan->measures + 1, sizeof *walk->stamps);
    walk->clock = calloc(plan->measures + 1, sizeof *walk->clock);
    walk->carry_start = calloc(plan->choices + 1, sizeof *walk->carry_start);
    walk->carry = calloc(plan->measures + 1, sizeof *walk->carry);
    if (!walk->start || !walk->base || !walk->length || !walk->carried || !walk->stamps || !walk->clock ||
        !walk->carry_start || !walk->carry)
        return 0;
    for (int64_t m = 0; m < plan->measures; m++)
        if (plan->word[m] == DISTINCT) {
            walk->stamps[m] = calloc(plan->codes[m] + 1, sizeof **walk->stamps);
            if (!walk->stamps[m]) return 0;
        }
    int32_t next = 0;
    for (int64_t k = 0; k < plan->choices; k++) {
        walk->carry_start[k] = next;
        for (int64_t m = 0; m < plan->measures; m++)
            if (carries(plan, m) && plan->span_choice[plan->span[m]] == k) walk->carry[next++] = (int32_t)m;
    }
    walk->carry_start[plan->choices] = next;
    return 1;
}

/* A code is new at this tick if it was not seen since. */
static int first_sight(struct walk *walk, int64_t m, int32_t code) {
    if (walk->stamps[m][code] == walk->clock[m]) return 0;
    walk->stamps[m][code] = walk->clock[m];
    return 1;
}

static void tick(const struct plan *plan, struct walk *walk, int64_t m) {
    if (++walk->clock[m] == 0) {
        memset(walk->stamps[m], 0, (plan->codes[m] + 1) * sizeof **walk->stamps);
        walk->clock[m] = 1;
    }
}

/* Room for the lists of an entity's facts: as long as its facts of each choice. */
static int make_room(const struct ledger *ledger, const struct plan *plan, struct walk *walk, int64_t low, int64_t high) {
    memset(walk->length, 0, plan->choices * sizeof *walk->length);
    for (int64_t f = low; f < high; f++) {
        int32_t class = ledger->class_of[f];
        for (int32_t c = plan->class_start[class]; c < plan->class_start[class + 1]; c++)
            walk->length[plan->class_choice[c]]++;
    }
    int64_t total = 0;
    for (int64_t k = 0; k < plan->choices; k++) {
        walk->base[k] = total;
        total += walk->length[k];
    }
    if (total > walk->room) {
        free(walk->list);
        walk->room = total + total / 2;
        walk->list = malloc(walk->room * sizeof *walk->list);
        if (!walk->list) return 0;
    }
    return 1;
}

static void start_anew(const struct plan *plan, struct walk *walk) {
    memset(walk->start, 0, plan->spans * sizeof *walk->start);
    memset(walk->length, 0, plan->choices * sizeof *walk->length);
    for (int32_t c = 0; c < walk->carry_start[plan->choices]; c++) {
        int32_t m = walk->carry[c];
        int32_t word = plan->word[m];
        walk->carried[m].count = word == LATEST_TEXT ? -1 : 0;
        walk->carried[m].number = word == LARGEST ? -INFINITY : word == LATEST ? NAN : 0.0;
        if (word == DISTINCT) tick(plan, walk, m);
    }
}

/* What one more fact of its choice changes in what a measure carries. */
static void carry_on(const struct ledger *ledger, const struct plan *plan, struct walk *walk, int32_t m, int64_t f) {
    struct carried *carried = &walk->carried[m];
    switch (plan->word[m]) {
    case UNANSWERED:
        if (ledger->flow[f] == INBOUND) carried->count = 0;
        else if (ledger->flow[f] == OUTBOUND) carried->count++;
        return;
    case DISTINCT: case LATEST_TEXT: {
        int32_t code = ((const int32_t *)plan->column[m])[f];
        if (code < 0) return;
        if (plan->word[m] == LATEST_TEXT) carried->count = code;
        else carried->count += first_sight(walk, m, code);
        return;
    }
    default: {
        double value = ((const double *)plan->column[m])[f];
        if (isnan(value)) return;
        carried->count++;
        if (plan->word[m] == LARGEST) { if (value > carried->number) carried->number = value; }
        else if (plan->word[m] == LATEST) carried->number = value;
        else carried->number += value;
    }
    }
}

static void take_in(const struct ledger *ledger, const struct plan *plan, struct walk *walk, int64_t low, int64_t f) {
    int32_t class = ledger->class_of[f];
    for (int32_t c = plan->class_start[class]; c < plan->class_start[class + 1]; c++) {
        int32_t k = plan->class_choice[c];
        walk->list[walk->base[k] + walk->length[k]++] = (int32_t)(f - low);
        for (int32_t i = walk->carry_start[k]; i < walk->carry_start[k + 1]; i++)
            carry_on(ledger, plan, walk, walk->carry[i], f);
    }
}

static double ratio(double above, double below) {
    return below == 0 ? NAN : above / below;
}

/* The measures of codes and numbers that walk the slice of a window. */
static double walked(
    const struct ledger *ledger, const struct plan *plan, struct walk *walk, int64_t m, const int32_t *list, int64_t begin,
    int64_t end, int64_t low
) {
    int64_t count = 0;
    int32_t word = plan->word[m];
    if (word == UNANSWERED) {
        for (int64_t i = begin; i < end; i++) {
            int8_t flow = ledger->flow[low + list[i]];
            count = flow == INBOUND ? 0 : count + (flow == OUTBOUND);
        }
        return (double)count;
    }
    if (word == DISTINCT) {
        const int32_t *codes = plan->column[m];
        tick(plan, walk, m);
        for (int64_t i = begin; i < end; i++) {
            int32_t code = codes[low + list[i]];
            if (code >= 0) count += first_sight(walk, m, code);
        }
        return (double)count;
    }
    if (word == LATEST_TEXT) {
        const int32_t *codes = plan->column[m];
        while (end > begin && codes[low + list[end - 1]] < 0) end--;
        return end > begin ? (double)codes[low + list[end - 1]] : -1.0;
    }
    const double *numbers = plan->column[m];
    double found = word == LARGEST ? -INFINITY : 0.0;
    for (int64_t i = begin; i < end; i++) {
        double value = numbers[low + list[i]];
        if (isnan(value)) continue;
        count++;
        if (word != LARGEST) found += value;
        else if (value > found) found = value;
    }
    return word == TOTAL ? found : !count ? NAN : word == MEAN ? found / (double)count : found;
}

static double measured(
    const struct ledger *ledger, const struct plan *plan, struct walk *walk, int64_t m, int64_t low, int64_t cutoff
) {
    int32_t span = plan->span[m], other = plan->other[m], k = plan->span_choice[span];
    const int32_t *list = walk->list + walk->base[k];
    int64_t begin = walk->start[span], end = walk->length[k];
    int32_t word = plan->word[m];
    switch (word) {
    case COUNT: return (double)(end - begin);
    case SHARE: case TREND: {
        int64_t beside = walk->length[plan->span_choice[other]] - walk->start[other];
        if (word == SHARE) return ratio((double)(end - begin), (double)beside);
        return ratio((double)(end - begin) / plan->scale[m], (double)beside / plan->other_scale[m]);
    }
    case DAYS_SINCE_FIRST: return begin < end ? (double)(cutoff - ledger->at[low + list[begin]]) / DAY : NAN;
    case DAYS_SINCE_LAST: return end > 0 ? (double)(cutoff - ledger->at[low + list[end - 1]]) / DAY : NAN;
    default: break;
    }
    if (plan->span_window[span] >= 0) return walked(ledger, plan, walk, m, list, begin, end, low);
    const struct carried *carried = &walk->carried[m];
    switch (word) {
    case MEAN: return carried->count ? carried->number / (double)carried->count : NAN;
    case LARGEST: return carried->count ? carried->number : NAN;
    case TOTAL: case LATEST: return carried->number;
    default: return (double)carried->count;
    }
}

/* The first of the lead's pairs that is not before `key`. */
static int64_t first_pair(const struct ledger *ledger, int64_t key) {
    int64_t low = 0, high = ledger->owned;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (ledger->own[middle] < key) low = middle + 1; else high = middle;
    }
    return low;
}

/* The measures of rows begin to end; 0 where memory runs out. An entity of -1 has no facts. */
LEADLIGHT_EXPORT int leadlight_measure(const struct ledger *ledger, const struct plan *plan, const struct rows *rows) {
    struct walk walk;
    if (!prepare(plan, &walk)) {
        release(plan, &walk);
        return 0;
    }
    int64_t entity = -2, low = 0, high = 0, next = 0, latest = INT64_MIN;
    int late = 0, fresh = 1;
    for (int64_t r = rows->begin; r < rows->end; r++) {
        int64_t cutoff = rows->cutoff[r];
        if (rows->entity[r] != entity) {
            entity = rows->entity[r];
            low = entity < 0 ? 0 : ledger->offsets[entity];
            high = entity < 0 ? 0 : ledger->offsets[entity + 1];
            late = 0;
            if (ledger->seen)
                for (int64_t f = low; f < high && !late; f++) late = ledger->seen[f] > ledger->at[f];
            if (!make_room(ledger, plan, &walk, low, high)) {
                release(plan, &walk);
                return 0;
            }
            fresh = 1;
        }
        int64_t pair = 0, pairs = 0;
        if (ledger->owned) {
            pair = first_pair(ledger, rows->lead[r] * ledger->facts + low);
            pairs = first_pair(ledger, rows->lead[r] * ledger->facts + high);
        }
        int veiled = late || pair < pairs;
        if (fresh || veiled || cutoff < latest) {
            start_anew(plan, &walk);
            next = low;
        }
        for (; next < high && ledger->at[next] < cutoff; next++) {
            if (veiled) {
                if (ledger->seen && ledger->seen[next] >= cutoff) continue;
                while (pair < pairs && ledger->own[pair] < rows->lead[r] * ledger->facts + next) pair++;
                if (pair < pairs && ledger->own[pair] == rows->lead[r] * ledger->facts + next) continue;
            }
            take_in(ledger, plan, &walk, low, next);
        }
        fresh = veiled;
        latest = cutoff;
        for (int64_t s = 0; s < plan->spans; s++) {
            if (plan->span_window[s] < 0) continue;
            int64_t from = cutoff - plan->span_window[s], end = walk.length[plan->span_choice[s]];
            const int32_t *list = walk.list + walk.base[plan->span_choice[s]];
            int64_t start = walk.start[s];
            while (start < end && ledger->at[low + list[start]] < from) start++;
            walk.start[s] = start;
        }
        for (int64_t m = 0; m < plan->measures; m++)
            rows->out[m * rows->stride + r] = measured(ledger, plan, &walk, m, low, cutoff);
    }
    release(plan, &walk);
    return 1;
}
