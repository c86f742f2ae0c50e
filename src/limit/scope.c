/* Scopes and periods: limit.h. */
#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "limit/limit_int.h"

const struct tk_choice limit_scopes[] = {
	{ "user", SCOPE_USER },
	{ "department", SCOPE_DEPARTMENT },
	{ "application", SCOPE_APPLICATION },
	{ "model", SCOPE_MODEL },
	{ "key", SCOPE_KEY },
	{ "everyone", SCOPE_EVERYONE },
	{ "user+application", SCOPE_USER_APPLICATION },
	{ NULL, 0 },
};

const struct tk_choice limit_periods[] = {
	{ "day", PERIOD_DAY },
	{ "week", PERIOD_WEEK },
	{ "month", PERIOD_MONTH },
	{ "quarter", PERIOD_QUARTER },
	{ "year", PERIOD_YEAR },
	{ "hard", PERIOD_HARD },
	{ "session", PERIOD_SESSION },
	{ NULL, 0 },
};

static const char *
word_of(const struct tk_choice *c, int value)
{
	for (; c->name != NULL; c++)
		if (c->value == value)
			return c->name;
	return "unknown";
}

const char *
limit_scope_name(enum limit_scope scope)
{
	return word_of(limit_scopes, (int)scope);
}

const char *
limit_period_name(enum limit_period p)
{
	return word_of(limit_periods, (int)p);
}

void
limit_name_add(struct tk_buf *b, const struct limit_name *n)
{
	if (n->scope == SCOPE_EVERYONE)
		tk_buf_adds(b, "everyone");
	else if (n->scope == SCOPE_USER_APPLICATION)
		tk_buf_addf(b, "user %s with application %s", n->name,
		    n->name2);
	else
		tk_buf_addf(b, "%s %s", limit_scope_name(n->scope), n->name);
}

void
limit_name_add_short(struct tk_buf *b, const struct limit_name *n)
{
	if (n->scope == SCOPE_USER)
		tk_buf_adds(b, n->name);
	else
		limit_name_add(b, n);
}

bool
limit_subject_name(const struct limit_subject *s, const char *department,
    enum limit_scope scope, const char **name, const char **name2)
{
	*name2 = "";
	*name = NULL;
	switch (scope) {
	case SCOPE_USER:
		*name = s->user;
		break;
	case SCOPE_DEPARTMENT:
		*name = department;
		break;
	case SCOPE_APPLICATION:
		*name = s->application;
		break;
	case SCOPE_MODEL:
		*name = s->model;
		break;
	case SCOPE_KEY:
		*name = s->key;
		break;
	case SCOPE_EVERYONE:
		*name = "";
		break;
	case SCOPE_USER_APPLICATION:
		if (s->application == NULL)
			return false;
		*name = s->user;
		*name2 = s->application;
		break;
	case SCOPES:
		break;
	}
	return *name != NULL;
}

static void
fixed_span(int64_t ms, int64_t length, struct tk_range *r)
{
	r->since = ms - (ms % length + length) % length;
	r->until = r->since + length;
}

static void
months_span(const struct tk_zone *z, int64_t ms, int months, struct tk_range *r)
{
	int32_t month = tk_day_month(tk_zone_day(z, ms));

	month -= month % months;
	r->since = tk_zone_day_start(z, tk_month_first_day(month));
	r->until = tk_zone_day_start(z, tk_month_first_day(month + months));
}

static void
days_span(const struct tk_zone *z, int32_t first, int days, struct tk_range *r)
{
	r->since = tk_zone_day_start(z, first);
	r->until = tk_zone_day_start(z, first + days);
}

void
limit_period_span(enum limit_period p, const struct tk_zone *z, int64_t ms,
    struct tk_range *r)
{
	switch (p) {
	case PERIOD_DAY:
		days_span(z, tk_zone_day(z, ms), 1, r);
		return;
	case PERIOD_WEEK:
		days_span(z, tk_day_week(tk_zone_day(z, ms), 0), 7, r);
		return;
	case PERIOD_MONTH:
		months_span(z, ms, 1, r);
		return;
	case PERIOD_QUARTER:
		months_span(z, ms, 3, r);
		return;
	case PERIOD_YEAR:
		months_span(z, ms, 12, r);
		return;
	case PERIOD_HARD:
	case PERIOD_SESSION:
		*r = (struct tk_range){ 0, INT64_MAX };
		return;
	case PERIOD_MINUTES:
		fixed_span(ms, 60 * 1000, r);
		return;
	case PERIOD_HOURS:
		fixed_span(ms, 60 * 60 * 1000, r);
		return;
	case PERIOD_DAYS:
		fixed_span(ms, 24 * 60 * 60 * 1000, r);
		return;
	}
	assert(!"period out of range");
}

/* The zone of a machine that has no name stands for the machine's. */
int
limit_zone_open(struct tk_zone **z, const char *name, struct tk_err *err)
{
	bool nameless = *name == '\0' || strcmp(name, "localtime") == 0;

	return tk_zone_open(z, nameless ? NULL : name, err);
}

#define WIDE_UNIT INT64_C(1000000000000)

void
limit_bind_wide(struct stmt *q, int param, tk_int128 n)
{
	tk_int128 high = n / WIDE_UNIT, low = n % WIDE_UNIT;

	if (low < 0) {
		low += WIDE_UNIT;
		high--;
	}
	stmt_bind_int(q, param, (int64_t)high);
	stmt_bind_int(q, param + 1, (int64_t)low);
}

tk_int128
limit_wide(const struct stmt *q, int col)
{
	return (tk_int128)stmt_int(q, col) * WIDE_UNIT + stmt_int(q, col + 1);
}
