#ifndef OUT_OUT_ROWS_INT_H
#define OUT_OUT_ROWS_INT_H

#include <stdatomic.h>

#include "out/out_int.h"
#include "out/out_rows.h"

/*
 * A value as the format has it, ready to be copied.  Short ones are copied by
 * whole words: OUT_COPY bytes can be read of each, and be written for each,
 * whatever its length.
 */
enum { OUT_COPY = 32 };

struct out_ready {
	uint32_t len;
	char s[]; /* at least OUT_COPY bytes */
};

/* Names stand one behind the other; out_ready.c. */
struct out_names {
	bool json, guard;
	struct out_shelf *shelf;
	char *next;
	uint32_t most;
	_Atomic(const struct out_ready *) of[]; /* by id */
};

static inline const struct out_ready *
out_find_name(const struct out_names *n, uint32_t id)
{
	return id <= n->most
	    ? atomic_load_explicit(&n->of[id], memory_order_acquire)
	    : NULL;
}

/* 'c', 'j' and 'l' for CSV, JSON and JSON Lines; 0 for others. */
static inline int
out_rows_format(const struct out *o)
{
	return o->ops == &out_csv  ? 'c'
	    : o->ops == &out_json  ? 'j'
	    : o->ops == &out_jsonl ? 'l'
				   : 0;
}

/* A text, or NULL, in the format. */
void out_add_text(struct tk_buf *b, bool json, bool guard, const char *text);

#endif
