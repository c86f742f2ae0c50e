/* The limits of a name, and how much of each is used: limit_int.h. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "limit/recount.h"
#include "limit/window.h"

static const char quota_sql[] =
    "SELECT id, version, daily, monthly, hard, session, warning, critical,"
    "       rolling, zone"
    "  FROM quota"
    " WHERE scope = $1 AND name = $2 AND name2 = $3";
static const char budget_sql[] =
    "SELECT id, version, period, usd, pico, thresholds, block, carry, zone,"
    "       added"
    "  FROM budget"
    " WHERE scope = $1 AND name = $2 AND name2 = $3"
    " ORDER BY period";

static struct limit_part *
add_part(struct part_list *list, const struct limit_name *n)
{
	struct limit_part *p;

	list->v = tk_xreallocarray(list->v, list->n + 1, sizeof(*list->v));
	p = &list->v[list->n++];
	*p = (struct limit_part){ .of = { n->scope, list->name, list->name2 },
		.block = true };
	return p;
}

static const char *
keep_zone(struct part_list *list, const char *zone)
{
	list->zones = tk_xreallocarray(list->zones, list->nzones + 1,
	    sizeof(*list->zones));
	return list->zones[list->nzones++] = tk_xstrdup(zone);
}

static void
add_threshold(struct limit_part *p, int64_t ppm)
{
	if (ppm > 0 && ppm < CROSSING_FULL && p->thresholds < CROSSING_MAX - 1)
		p->threshold[p->thresholds++] = ppm;
}

static int
load_quota(struct limits *L, struct part_list *list, const struct limit_name *n,
    struct tk_err *err)
{
	static const enum limit_period periods[] = { PERIOD_DAY, PERIOD_MONTH,
		PERIOD_HARD, PERIOD_SESSION };
	struct stmt *q;
	const char *zone;
	int more;

	if (store_prepare_once(L->st, &L->quota, quota_sql, err) < 0)
		return -1;
	q = L->quota;
	stmt_bind_int(q, 1, n->scope);
	stmt_bind_text(q, 2, n->name);
	stmt_bind_text(q, 3, n->name2);
	more = stmt_step(q, err);
	if (more <= 0)
		return more;
	zone = keep_zone(list, stmt_text(q, 9));
	for (int i = 0; i < (int)TK_LEN(periods); i++) {
		struct limit_part *p;

		if (stmt_is_null(q, 2 + i))
			continue;
		p = add_part(list, n);
		p->kind = LIMIT_QUOTA;
		p->id = stmt_int(q, 0);
		p->version = stmt_int(q, 1);
		p->period = periods[i];
		p->rolling = stmt_int(q, 8) != 0 && periods[i] < PERIOD_HARD;
		p->zone = p->rolling || periods[i] >= PERIOD_HARD ? "" : zone;
		p->amount = stmt_int(q, 2 + i);
		p->critical = stmt_int(q, 7);
		add_threshold(p, stmt_int(q, 6));
		if (p->critical != stmt_int(q, 6))
			add_threshold(p, p->critical);
		p->threshold[p->thresholds++] = CROSSING_FULL;
	}
	stmt_reset(q);
	return 0;
}

/* "500000 750000 900000" */
static void
read_thresholds(struct limit_part *p, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		int64_t ppm;

		if (tk_int_parse(text, len, &ppm))
			add_threshold(p, ppm);
		text += len + (text[len] == ' ');
	}
	p->critical =
	    p->thresholds > 0 ? p->threshold[p->thresholds - 1] : CROSSING_FULL;
	p->threshold[p->thresholds++] = CROSSING_FULL;
}

static int
load_budgets(struct limits *L, struct part_list *list,
    const struct limit_name *n, struct tk_err *err)
{
	struct stmt *q;
	int more;

	if (store_prepare_once(L->st, &L->budget, budget_sql, err) < 0)
		return -1;
	q = L->budget;
	stmt_bind_int(q, 1, n->scope);
	stmt_bind_text(q, 2, n->name);
	stmt_bind_text(q, 3, n->name2);
	while ((more = stmt_step(q, err)) > 0) {
		struct limit_part *p = add_part(list, n);

		p->kind = LIMIT_BUDGET;
		p->id = stmt_int(q, 0);
		p->version = stmt_int(q, 1);
		p->period = (enum limit_period)stmt_int(q, 2);
		p->amount = limit_wide(q, 3);
		read_thresholds(p, stmt_text(q, 5));
		p->block = stmt_int(q, 6) != 0;
		p->carry = stmt_int(q, 7) != 0;
		p->zone = keep_zone(list, stmt_text(q, 8));
		p->added = stmt_int(q, 9);
	}
	return more;
}

int
limits_parts(struct limits *L, const struct limit_name *n,
    const struct part_list **list, struct tk_err *err)
{
	struct tk_buf key = TK_BUF_INIT;
	struct part_list *fresh;
	bool is_new;
	void **at;

	tk_buf_addf(&key, "%d", (int)n->scope);
	tk_buf_add(&key, n->name, strlen(n->name) + 1);
	tk_buf_adds(&key, n->name2);
	at = limit_map_at(&L->parts, key.s, key.len, &is_new);
	tk_buf_release(&key);
	*list = *at;
	if (!is_new && *at != NULL)
		return 0;
	*at = fresh = tk_xcalloc(1, sizeof(*fresh));
	fresh->name = tk_xstrdup(n->name);
	fresh->name2 = tk_xstrdup(n->name2);
	*list = fresh;
	return load_quota(L, fresh, n, err) < 0 ||
		load_budgets(L, fresh, n, err) < 0
	    ? -1
	    : 0;
}

tk_int128
part_used(const struct limits *L, const struct limit_part *p,
    const struct tally_sums *s)
{
	const struct limit_prices *c = &L->prices;

	if (p->kind == LIMIT_QUOTA)
		return s->v[TALLY_TOKENS];
	if (!c->known || c->unknown == UNKNOWN_ALLOW)
		return s->v[TALLY_COST];
	return s->v[TALLY_COST] + s->v[TALLY_BLIND_INPUT] * c->input +
	    s->v[TALLY_BLIND_OUTPUT] *
	    (c->output > c->input ? c->output : c->input);
}

tk_int128
part_held(const struct limit_part *p, const struct tally_sums *s)
{
	return s
	    ->v[p->kind == LIMIT_QUOTA ? TALLY_HELD_TOKENS : TALLY_HELD_COST];
}

int
part_not_counted(const struct limit_part *p, struct tk_err *err)
{
	return tk_fail(err, TK_DATA,
	    "the ledger is damaged: the %s limit of '%.64s' is not counted",
	    limit_period_name(p->period), p->of.name);
}

/* The sums of the period of a tally that holds the instant. */
static int
period_sums(struct limits *L, const struct limit_part *p, struct tally *t,
    int64_t at, const char *session, struct tally_sums *s, struct tk_err *err)
{
	struct tk_range span = *tally_span(t, at);
	struct tally_key k = { (size_t)(t - L->tally), p->of.name, p->of.name2,
		p->period == PERIOD_SESSION ? session : "", span.since };

	if (span.since < t->since)
		return limits_count_one(L, &p->of, NULL, span.since, span.until,
		    s, err);
	if (counter_read(L, &k, s, err) < 0)
		return -1;
	counter_see(L, &k, s);
	return 0;
}

static int
calendar_state(struct limits *L, const struct limit_part *p, int64_t now,
    const char *session, bool unswept, struct part_state *s, struct tk_err *err)
{
	struct tally *t = limits_tally(L, p->of.scope, p->period, p->zone);
	struct tk_range span;

	if (t == NULL)
		return part_not_counted(p, err);
	span = *tally_span(t, now);
	s->start = span.since;
	s->resets_at = span.until == INT64_MAX ? 0 : span.until;
	if (period_sums(L, p, t, now, session, &s->sums, err) < 0)
		return -1;
	if (p->carry && p->added < span.since) {
		struct tally_sums before;
		tk_int128 left;

		if (period_sums(L, p, t, span.since - 1, session, &before,
			err) < 0)
			return -1;
		left = p->amount - part_used(L, p, &before);
		s->amount += left > 0 ? left : 0;
	}
	return !unswept || s->sums.v[TALLY_HOLDS] == 0
	    ? 0
	    : recount_less_expired(L, p, session, now, span.since, span.until,
		  &s->sums, NULL, err);
}

int
part_state(struct limits *L, const struct limit_part *p, int64_t now,
    const char *session, bool unswept, struct part_state *s, struct tk_err *err)
{
	int rc;

	*s = (struct part_state){ .amount = p->amount };
	rc = p->rolling ? window_state(L, p, now, unswept, s, err)
			: calendar_state(L, p, now, session, unswept, s, err);
	if (rc < 0)
		return -1;
	s->used = part_used(L, p, &s->sums);
	s->held = part_held(p, &s->sums);
	return 0;
}
