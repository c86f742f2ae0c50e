#ifndef TOKENIZER_REGEX_INT_H
#define TOKENIZER_REGEX_INT_H

#include "tokenizer/regex.h"
#include "tokenizer/stage.h"

/* What regex_parse.c makes and regex.c runs. */
#define REGEX_NONE UINT32_MAX

enum regex_op_kind {
	OP_SPAN,  /* min to max characters of the set */
	OP_LOOK,  /* the next one is of the set, or not */
	OP_SPLIT, /* go on; if that fails, at other */
	OP_JUMP,  /* to other */
	OP_MATCH,
};

struct regex_op {
	enum regex_op_kind kind;
	uint32_t set, min, max;
	uint32_t other;
	bool possessive, negated;
};

enum regex_item_kind {
	ITEM_RANGE,    /* a to b */
	ITEM_CATEGORY, /* a: bits */
	ITEM_SPACE,
	ITEM_WORD, /* a: within a set */
	ITEM_SET,  /* a: which */
};

struct regex_item {
	enum regex_item_kind kind;
	uint32_t a, b;
	bool negated;
};

/* Any of its items, and of another set if there is one. */
struct regex_set {
	uint32_t first, items;
	uint32_t also;
	bool negated, ready;
	uint64_t ascii[2]; /* once ready */
};

struct regex_way;

struct regex {
	struct regex_op *op;
	struct regex_set *set;
	struct regex_item *item;
	uint32_t ops, sets, items;
	bool uts18; /* what \w is */
	struct regex_way *way;
	size_t ways, way_room;
	uint64_t steps; /* ever */
};

bool regex_set_has(const struct regex *r, uint32_t set, uint32_t cp);
void regex_set_ready(struct regex *r, uint32_t set);

#endif
