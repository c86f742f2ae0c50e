/* Dimensions and their keys: see report.h. */
#include "base/buf.h"
#include "base/time.h"
#include "report/report.h"

static const int64_t hour_ms = INT64_C(3600000);

const struct tk_choice report_dims[] = {
	{ "user", NAME_USER },
	{ "application", NAME_APPLICATION },
	{ "model", NAME_MODEL },
	{ "provider", NAME_PROVIDER },
	{ "session", NAME_SESSION },
	{ "project", NAME_PROJECT },
	{ "agent", NAME_AGENT },
	{ "endpoint", NAME_ENDPOINT },
	{ "source", NAME_SOURCE },
	{ "error", NAME_ERROR },
	{ "machine", NAME_MACHINE },
	{ "key", NAME_KEY },
	{ "hour", DIM_HOUR },
	{ "date", DIM_DATE },
	{ "week", DIM_WEEK },
	{ "month", DIM_MONTH },
	{ "tier", DIM_TIER },
	{ "priority", DIM_PRIORITY },
	{ "success", DIM_SUCCESS },
	{ "weekday", DIM_WEEKDAY },
	{ "hour_of_day", DIM_HOUR_OF_DAY },
	{ "department", DIM_DEPARTMENT },
	{ "model_family", DIM_FAMILY },
	{ NULL, 0 },
};

const struct tk_choice report_orders[] = {
	{ "key", ORDER_KEYS },
	{ "tokens", ORDER_TOKENS },
	{ "cost", ORDER_COST },
	{ "requests", ORDER_REQUESTS },
	{ "last", ORDER_LAST },
	{ NULL, 0 },
};

const char *
report_dim_key(enum report_dim dim)
{
	for (const struct tk_choice *c = report_dims; c->name != NULL; c++)
		if (c->value == (int)dim)
			return c->name;
	return "";
}

/*
 * Where the local clock hour of an instant began, zones of :30 too: at its
 * minute 0, or later, where the clock was put forward or back since then.
 */
static int64_t
hour_start(const struct tk_zone *z, int64_t ms)
{
	int32_t offset = tk_zone_offset(z, ms);
	int64_t local = ms + (int64_t)offset * 1000;
	int64_t start = ms - ((local % hour_ms) + hour_ms) % hour_ms;

	if (tk_zone_offset(z, start) == offset)
		return start;
	while (ms - start > 1) {
		int64_t mid = start + (ms - start) / 2;

		if (tk_zone_offset(z, mid) == offset)
			ms = mid;
		else
			start = mid;
	}
	return ms;
}

static int64_t
hour_of_day(const struct tk_zone *z, int64_t ms)
{
	int64_t local = ms + (int64_t)tk_zone_offset(z, ms) * 1000;

	return ((local / hour_ms - (local % hour_ms < 0)) % 24 + 24) % 24;
}

int64_t
report_time_key(const struct report_query *q, enum report_dim dim, int64_t ms)
{
	switch (dim) {
	case DIM_DATE:
		return tk_zone_day(q->zone, ms);
	case DIM_WEEK:
		return tk_day_week(tk_zone_day(q->zone, ms), q->week_start);
	case DIM_MONTH:
		return tk_day_month(tk_zone_day(q->zone, ms));
	case DIM_HOUR:
		return hour_start(q->zone, ms);
	case DIM_WEEKDAY:
		return tk_day_weekday(tk_zone_day(q->zone, ms));
	case DIM_HOUR_OF_DAY:
		return hour_of_day(q->zone, ms);
	default:
		return 0;
	}
}

bool
report_dim_is_time(enum report_dim dim)
{
	return (dim >= DIM_HOUR && dim <= DIM_MONTH) || dim == DIM_WEEKDAY ||
	    dim == DIM_HOUR_OF_DAY;
}

bool
report_dim_is_name(enum report_dim dim)
{
	return dim < DIM_NAMES || dim == DIM_DEPARTMENT || dim == DIM_FAMILY;
}

int64_t
report_key_start(const struct report_query *q, enum report_dim dim, int64_t key)
{
	switch (dim) {
	case DIM_DATE:
	case DIM_WEEK:
		return tk_zone_day_start(q->zone, (int32_t)key);
	case DIM_MONTH:
		return tk_zone_day_start(q->zone,
		    tk_month_first_day((int32_t)key));
	default:
		return key;
	}
}

int64_t
report_key_end(const struct report_query *q, enum report_dim dim, int64_t key)
{
	switch (dim) {
	case DIM_DATE:
		return report_key_start(q, dim, key + 1);
	case DIM_WEEK:
		return report_key_start(q, dim, key + 7);
	case DIM_MONTH:
		return report_key_start(q, dim, key + 1);
	default:
		return key + hour_ms;
	}
}

static void
add_choice(struct tk_buf *b, const struct tk_choice *c, int64_t value)
{
	for (; c->name != NULL; c++)
		if (c->value == value)
			tk_buf_adds(b, c->name);
}

void
report_key_text(struct tk_buf *b, const struct report_query *q,
    const struct report_row *row, size_t d)
{
	static const char days[][4] = { "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat", "Sun" };
	int64_t key = row->key[d];

	switch (q->dim[d]) {
	case DIM_DATE:
		tk_day_add(b, (int32_t)key);
		break;
	case DIM_WEEK:
		tk_week_add(b, (int32_t)key);
		break;
	case DIM_MONTH:
		tk_month_add(b, (int32_t)key);
		break;
	case DIM_HOUR:
		tk_time_add(b, q->zone, key);
		break;
	case DIM_TIER:
		add_choice(b, record_tiers, key);
		break;
	case DIM_PRIORITY:
		add_choice(b, record_priorities, key);
		break;
	case DIM_SUCCESS:
		tk_buf_adds(b, key ? "true" : "false");
		break;
	case DIM_WEEKDAY:
		tk_buf_adds(b, days[key]);
		break;
	case DIM_HOUR_OF_DAY:
		tk_buf_addf(b, "%02d", (int)key);
		break;
	default:
		if (row->name[d] != NULL)
			tk_buf_adds(b, row->name[d]);
		break;
	}
}
