/*
 * The JSON of "ccusage codex daily --json", "monthly" and "session"
 *
 * Its sessions are files, which a ledger does not know: sessionFile is the
 * session, as sessionId is, and directory the day when it began.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/time.h"
#include "report/report.h"
#include "report_compat_int.h"
#include "json/write.h"

int
compat_latest_last(const void *a_, const void *b_)
{
	const struct unit *a = a_, *b = b_;

	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

static void
put_reasoning(struct json_write *w, const struct usage_sums *s)
{
	json_write_member_int(w, "reasoningOutputTokens", s->v[SUM_REASONING]);
}

static int
by_name(const void *a_, const void *b_)
{
	const struct part *a = a_, *b = b_;

	return strcmp(a->model, b->model);
}

static void
put_models(struct json_write *w, const struct unit *u)
{
	struct part *p = tk_xcalloc(u->parts, sizeof(*p));

	memcpy(p, u->part, u->parts * sizeof(*p));
	qsort(p, u->parts, sizeof(*p), by_name);
	json_write_key(w, "models");
	json_write_open(w, '{');
	for (size_t i = 0; i < u->parts; i++) {
		const struct usage_sums *s = &p[i].sums;

		json_write_key(w, p[i].model);
		json_write_open(w, '{');
		compat_put_sums(w, s, CACHE_WRITE);
		compat_put_sums(w, s, CACHE_READ);
		compat_put_sums(w, s, INPUT);
		json_write_member_bool(w, "isFallback", false);
		compat_put_sums(w, s, OUTPUT);
		put_reasoning(w, s);
		compat_put_sums(w, s, TOTAL);
		json_write_close(w, '}');
	}
	json_write_close(w, '}');
	free(p);
}

/* "2026/11/02" */
static void
put_directory(struct json_write *w, int64_t ms)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_day_add(&b, (int32_t)(ms / 86400000));
	for (size_t i = 0; i < b.len; i++)
		if (b.s[i] == '-')
			b.s[i] = '/';
	json_write_member_text(w, "directory", b.s);
	tk_buf_release(&b);
}

void
compat_put_codex(struct json_write *w, const struct report_query *q,
    const struct unit *u)
{
	bool session = q->dim[BY_UNIT] == (enum report_dim)NAME_SESSION;
	struct tk_buf name = TK_BUF_INIT;

	compat_unit_name(&name, q, u);
	json_write_open(w, '{');
	compat_put_sums(w, &u->sums, CACHE_WRITE);
	compat_put_sums(w, &u->sums, CACHE_READ);
	json_write_member_money(w, "costUSD", u->sums.v[SUM_COST]);
	if (q->dim[BY_UNIT] == DIM_DATE)
		json_write_member_text(w, "date", name.s);
	if (session)
		put_directory(w, u->first);
	compat_put_sums(w, &u->sums, INPUT);
	if (session)
		compat_time(w, "lastActivity", u->last);
	put_models(w, u);
	if (q->dim[BY_UNIT] == DIM_MONTH)
		json_write_member_text(w, "month", name.s);
	compat_put_sums(w, &u->sums, OUTPUT);
	put_reasoning(w, &u->sums);
	if (session) {
		json_write_member_text(w, "sessionFile", name.s);
		json_write_member_text(w, "sessionId", name.s);
	}
	compat_put_sums(w, &u->sums, TOTAL);
	if (q->dim[BY_UNIT] == DIM_WEEK)
		json_write_member_text(w, "week", name.s);
	json_write_close(w, '}');
	tk_buf_release(&name);
}

void
compat_put_codex_totals(struct json_write *w, const struct usage_sums *total)
{
	json_write_open(w, '{');
	compat_put_sums(w, total, CACHE_WRITE);
	compat_put_sums(w, total, CACHE_READ);
	json_write_member_money(w, "costUSD", total->v[SUM_COST]);
	compat_put_sums(w, total, INPUT);
	compat_put_sums(w, total, OUTPUT);
	put_reasoning(w, total);
	compat_put_sums(w, total, TOTAL);
	json_write_close(w, '}');
}
