/*
 * What an alert says: the sentence of the user guide, and a JSON object with
 * all that is known, which is what receivers get.
 */
#include <inttypes.h>
#include <string.h>

#include "alert/alert_int.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "limit/crossing.h"
#include "json/write.h"

enum alert_kind
alert_kind_of(const struct limit_crossing *c)
{
	if (c->period == PERIOD_SESSION)
		return ALERT_SESSION;
	return c->kind == LIMIT_QUOTA ? ALERT_QUOTA : ALERT_BUDGET;
}

const char *
alert_event(enum alert_kind kind, enum alert_severity severity)
{
	bool critical = severity == SEVERITY_CRITICAL;

	switch (kind) {
	case ALERT_QUOTA:
		return critical ? "quota_critical" : "quota_warning";
	case ALERT_BUDGET:
		return critical ? "budget_critical" : "budget_warning";
	case ALERT_SESSION:
		return "session_limit";
	case ALERT_PRICE:
		return "price_unknown";
	case ALERT_LEDGER:
		return "ledger_unhealthy";
	case ALERT_DELIVERY:
		return "delivery_failed";
	case ALERT_REQUEST:
		return "quota_request";
	case ALERT_DECISION:
		return "quota_decision";
	case ALERT_IMPORT:
		return "import_failing";
	case ALERT_CAPACITY:
		return "capacity";
	case ALERT_ANOMALY:
		return "anomaly";
	case ALERT_KINDS:
		break;
	}
	return "";
}

/* "daily", as in "your daily quota". */
static const char *
period_word(enum limit_period p)
{
	static const char *const words[] = {
		[PERIOD_DAY] = "daily",
		[PERIOD_WEEK] = "weekly",
		[PERIOD_MONTH] = "monthly",
		[PERIOD_QUARTER] = "quarterly",
		[PERIOD_YEAR] = "yearly",
		[PERIOD_HARD] = "hard",
		[PERIOD_SESSION] = "session",
	};

	return words[p];
}

/* "80", "12.5": parts per million as percentages. */
static void
add_percent(struct tk_buf *b, int64_t ppm)
{
	tk_money_add(b, (tk_int128)ppm * (TK_PICO_PER_USD / 10000));
}

struct words {
	const char *has, *its;
};

/* Who it is about, as the subject of a sentence. */
static struct words
add_subject(struct tk_buf *b, const struct limit_name *of)
{
	static const struct words you = { "'ve", "your" },
				  it = { " has", "its" },
				  they = { " have", "their" };

	switch (of->scope) {
	case SCOPE_USER:
	case SCOPE_USER_APPLICATION:
		tk_buf_adds(b, "You");
		return you;
	case SCOPE_DEPARTMENT:
		tk_buf_addf(b, "Department %s", of->name);
		return it;
	case SCOPE_APPLICATION:
		tk_buf_addf(b, "Application %s", of->name);
		return it;
	case SCOPE_MODEL:
		tk_buf_addf(b, "Model %s", of->name);
		return it;
	case SCOPE_KEY:
		tk_buf_addf(b, "API key %s", of->name);
		return it;
	case SCOPE_EVERYONE:
	case SCOPES:
		break;
	}
	tk_buf_adds(b, "All users together");
	return they;
}

/* "daily token quota"; what is critical is "daily quota". */
static void
add_limit(struct tk_buf *b, const struct limit_crossing *c, bool critical)
{
	tk_buf_adds(b, period_word(c->period));
	if (c->kind == LIMIT_BUDGET)
		tk_buf_adds(b, " budget");
	else if (c->period == PERIOD_HARD || c->period == PERIOD_SESSION)
		tk_buf_adds(b, " limit");
	else
		tk_buf_adds(b, critical ? " quota" : " token quota");
	if (c->of.scope == SCOPE_USER_APPLICATION)
		tk_buf_addf(b, " with application %s", c->of.name2);
}

void
alert_crossing_message(const struct limit_crossing *c,
    enum alert_severity severity, struct tk_buf *b)
{
	bool critical = severity == SEVERITY_CRITICAL;
	int64_t top = c->threshold[c->thresholds - 1];
	struct words w;

	if (top >= CROSSING_FULL && c->period == PERIOD_SESSION) {
		tk_buf_adds(b, "Session limit reached. Start a new session.");
		return;
	}
	if (critical)
		tk_buf_adds(b, "CRITICAL: ");
	w = add_subject(b, &c->of);
	if (top >= CROSSING_FULL) {
		tk_buf_addf(b, "%s %s %s ", *w.has == '\'' ? " have" : w.has,
		    c->after > c->amount ? "exceeded" : "used up", w.its);
	} else {
		tk_buf_addf(b, "%s used ", w.has);
		add_percent(b, top);
		tk_buf_addf(b, "%% of %s ", w.its);
	}
	add_limit(b, c, critical);
}

void
alert_write_time(struct json_write *w, const char *key, int64_t ms)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct tk_buf text = TK_BUF_INIT;
	struct tk_zone *utc = NULL;

	json_write_key(w, key);
	if (tk_zone_open(&utc, "UTC", &ignored) == 0) {
		tk_time_add(&text, utc, ms);
		json_write_text(w, text.s);
	} else {
		json_write_text(w, NULL);
	}
	tk_zone_free(utc);
	tk_buf_release(&text);
}

/* What every body begins with. */
static void
write_head(struct json_write *w, const struct alert *a)
{
	json_write_member_text(w, "event", alert_event(a->kind, a->severity));
	json_write_member_int(w, "alert_id", a->id);
	alert_write_time(w, "timestamp", a->time);
	json_write_member_text(w, "severity",
	    alert_severities[a->severity].name);
	json_write_member_text(w, "message", a->message);
}

/* Used part of the limit as a percentage, cut to two decimals. */
static void
write_percentage(struct json_write *w, const struct limit_crossing *c)
{
	struct tk_buf text = TK_BUF_INIT;

	if (c->amount > 0)
		tk_money_add(&text,
		    c->after * 10000 / c->amount * (TK_PICO_PER_USD / 100));
	else
		tk_buf_adds(&text, "null");
	json_write_member_raw(w, "usage_percentage", text.s);
	tk_buf_release(&text);
}

static void
write_amounts(struct json_write *w, const struct limit_crossing *c)
{
	tk_int128 left = c->amount > c->after ? c->amount - c->after : 0;

	if (c->kind == LIMIT_QUOTA) {
		json_write_member_int(w, "limit", c->amount);
		json_write_member_int(w, "used", c->after);
		json_write_member_int(w, "remaining", left);
	} else {
		json_write_member_money(w, "limit_usd", c->amount);
		json_write_member_money(w, "used_usd", c->after);
		json_write_member_money(w, "remaining_usd", left);
	}
	write_percentage(w, c);
	json_write_key(w, "thresholds");
	json_write_open(w, '[');
	for (size_t i = 0; i < c->thresholds; i++) {
		struct tk_buf text = TK_BUF_INIT;

		add_percent(&text, c->threshold[i]);
		json_write_raw(w, text.s);
		tk_buf_release(&text);
	}
	json_write_close(w, ']');
}

void
alert_crossing_body(const struct limit_crossing *c, const struct alert *a,
    struct tk_buf *b)
{
	bool is_user =
	    c->of.scope == SCOPE_USER || c->of.scope == SCOPE_USER_APPLICATION;
	struct json_write w = { .to = b };

	json_write_open(&w, '{');
	write_head(&w, a);
	json_write_member_text(&w, "scope", limit_scope_name(c->of.scope));
	json_write_member_text(&w, "name",
	    c->of.scope == SCOPE_EVERYONE ? NULL : c->of.name);
	json_write_member_text(&w, "user_id", is_user ? c->of.name : NULL);
	if (c->of.scope == SCOPE_USER_APPLICATION)
		json_write_member_text(&w, "application", c->of.name2);
	json_write_member_text(&w, "limit_kind",
	    c->kind == LIMIT_QUOTA ? "quota" : "budget");
	json_write_member_text(&w, "period", limit_period_name(c->period));
	json_write_member_text(&w, "window",
	    c->rolling ? "rolling" : "calendar");
	if (c->period != PERIOD_HARD && c->period != PERIOD_SESSION)
		alert_write_time(&w, "period_start", c->start);
	if (c->period == PERIOD_SESSION)
		json_write_member_text(&w, "session", c->session);
	write_amounts(&w, c);
	alert_write_time(&w, "used_at", c->time);
	json_write_close(&w, '}');
}

void
alert_body(const struct alert *a, const char *detail, struct tk_buf *b)
{
	struct json_write w = { .to = b };

	json_write_open(&w, '{');
	write_head(&w, a);
	if (*detail != '\0')
		tk_buf_addf(b, ",%s", detail);
	json_write_close(&w, '}');
}
