/* The trees of a model as treeshap.c reads them. Every list of things has a list `first_...` with one number more: where
   each owner's things start. `functions.py` names the same fields in the same order, and a test compares the two. */

#ifndef TREESHAP_H
#define TREESHAP_H

#include "leadlight.h"

#define MOST_BITS 8 /* of a key: one byte */
#define WIDEST 64   /* path features of a leaf */

/* What a column takes for missing, as LightGBM numbers it; or that it holds categories. */
enum { MISSING_NOTHING = 0, MISSING_ZERO = 1, MISSING_NAN = 2, CATEGORY = 3 };

typedef struct {
    int64_t trees;
    int64_t columns;  /* a feature, once for each way of being missing that its nodes have */
    int64_t features; /* that some tree splits on */
    int64_t nodes;    /* of the largest tree */
    int64_t wide;     /* leaves without a table */
    /* columns */
    const int32_t *column; /* of X */
    const int32_t *kind;
    const int64_t *first_threshold;
    const double *thresholds; /* ascending, filled up with infinity to one less than a power of two, and one more */
    /* features */
    const int32_t *used; /* column of X */
    /* trees */
    const int64_t *first_node;
    const int64_t *first_category;
    const int64_t *first_turn;
    const int64_t *first_group;
    /* nodes: a number goes left if code + shift <= limit in 16 bits, a category if it is listed */
    const int32_t *code; /* the column */
    const uint16_t *shift;
    const uint16_t *limit;
    const int64_t *listed_at; /* -1 for a number */
    const uint8_t *listed;    /* 0xFF for each code that goes left, else 0 */
    const int32_t *category;  /* the nodes of a tree that ask for a category */
    /* turns: the nodes of a tree above its groups, from the root down. A turn takes the keys of a place, the root's being
       0, and gives those of two new places, left and right, in which what is not met has lost its bit */
    const int32_t *turn; /* the node */
    const int32_t *turn_place;
    const uint8_t *turn_bit;
    /* groups: the key has a bit for each feature of the path above, then one for each of the nodes inside, which follow
       one another from `inside` on. table_at is -1 where there is no table, but one wide leaf with its conditions */
    const int32_t *place;
    const int32_t *above;
    const int32_t *inside;
    const int32_t *bits;
    const int32_t *width; /* features */
    const int64_t *table_at;
    const int64_t *first_feature;
    const int32_t *feature; /* beside a table always MOST_BITS, by features that nobody reads */
    const int64_t *first_leaf;
    const int64_t *first_condition;
    const int32_t *condition; /* a node of the tree, doubled, and one more if the row must go right */
    const int32_t *part;      /* the feature that it is a condition on, by its place among the leaf's */
    /* leaves, and their path features: position in the group's features, the bits of the key that must have the wanted
       value for the leaf to be reached, and the share of rows that reach it when the feature is unknown */
    const double *value;
    const int64_t *first_factor;
    const int32_t *position;
    const int32_t *mask;
    const int32_t *want;
    const double *ratio;
    const double *points; /* Gauss's formulas on [0, 1] with 0, 1, 2 ... points: the points, then their weights */
    const double *tables;
} Forest;

#endif
