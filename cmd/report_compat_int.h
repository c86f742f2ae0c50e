#ifndef CMD_REPORT_COMPAT_INT_H
#define CMD_REPORT_COMPAT_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "ledger/sums.h"
#include "report_compat.h"

struct json_write;
struct report;
struct report_query;
struct report_row;
struct tk_buf;

/* What the files of report_compat share. */

/* A time as JavaScript writes it: UTC, always with milliseconds. */
void compat_stamp(struct tk_buf *b, int64_t ms);
void compat_time(struct json_write *w, const char *key, int64_t ms);

/* What one model took in one day, week, month or session. */
struct part {
	const char *model;
	struct usage_sums sums;
	int64_t first;
};

/* A day, week, month or session: rows of the report that follow each
 * other. */
struct unit {
	const struct report_row *row;
	size_t rows;
	struct usage_sums sums;
	int64_t first, last;
	struct part *part; /* the dearest first */
	size_t parts;
};

struct units {
	struct unit *v;
	size_t n;
	struct usage_sums total;
};

/* The dimensions that a unit's rows have after its own. */
enum { BY_UNIT, BY_MODEL, BY_SOURCE, BY_PROJECT };

/* Sessions come with the dearest first, those of Codex with the latest last,
 * the others as the rows do. */
void compat_units_init(struct units *all, const struct report *r,
    enum report_compat compat, bool sessions);
void compat_units_release(struct units *all);

/* The name of a unit: its day, month or session. */
void compat_unit_name(struct tk_buf *b, const struct report_query *q,
    const struct unit *u);

enum compat_sum { CACHE_WRITE, CACHE_READ, INPUT, OUTPUT, TOTAL };
void compat_put_sums(struct json_write *w, const struct usage_sums *s,
    enum compat_sum which);

/* report_compat_codex.c: a unit, and all of them; its order of sessions. */
void compat_put_codex(struct json_write *w, const struct report_query *q,
    const struct unit *u);
void compat_put_codex_totals(struct json_write *w,
    const struct usage_sums *total);
int compat_latest_last(const void *a, const void *b);

/* Their input, so that the four classes add up to the total: what is not
 * split into classes counts here. */
tk_int128 compat_input(const struct usage_sums *s);

/* Their costs have no word for "not known": it is said on stderr. */
void compat_say_unpriced(const struct cmd_ctx *ctx, const struct usage_sums *s);

/* Write the document and a line break. */
int compat_print(struct cmd_ctx *ctx, struct tk_buf *b, struct tk_err *err);

#endif
