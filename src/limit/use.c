/* How much of limits is used: use.h. */
#include "limit/use.h"

#include "limit/crossing.h"
#include "limit/limit_int.h"

const char *
limit_use_state(const struct limit_use *u)
{
	tk_int128 used = u->used * CROSSING_FULL;

	if (u->used >= u->amount)
		return u->amount == 0 && u->used == 0 ? "ok" : "exceeded";
	if (used >= u->amount * u->critical)
		return "critical";
	if (u->thresholds > 0 && used >= u->amount * u->threshold[0])
		return "warning";
	return "ok";
}

int
limit_each_use(struct ledger *l, const struct limit_name *of,
    const char *session, int64_t now, limit_use_fn *fn, void *data,
    struct tk_err *err)
{
	struct limits *L = limits_of(l);
	const struct part_list *list;

	if (limits_load(L, err) < 0 || limits_parts(L, of, &list, err) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		const struct limit_part *p = &list->v[i];
		struct part_state s;
		struct limit_use u = { .kind = p->kind,
			.id = p->id,
			.of = p->of,
			.period = p->period,
			.rolling = p->rolling,
			.zone = p->zone,
			.session = "",
			.own = p->amount,
			.threshold = p->threshold,
			.thresholds = p->thresholds,
			.critical = p->critical,
			.block = p->block };
		int rc;

		if (p->period == PERIOD_SESSION)
			u.session = session != NULL ? session : "";
		if (part_state(L, p, now, u.session, true, &s, err) < 0)
			return -1;
		u.amount = s.amount;
		u.used = s.used;
		u.held = s.held;
		u.remaining = s.amount - s.used - s.held;
		if (u.remaining < 0)
			u.remaining = 0;
		u.start = s.start;
		u.resets_at = s.resets_at;
		u.requests = s.sums.v[TALLY_REQUESTS];
		u.tokens = s.sums.v[TALLY_TOKENS];
		u.unpriced = s.sums.v[TALLY_UNPRICED];
		if (p->kind == LIMIT_BUDGET)
			u.estimated = s.used - s.sums.v[TALLY_COST];
		rc = fn(&u, data, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}
