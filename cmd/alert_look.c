/*
 * Conditions that are looked at: a disk that is nearly full, a day that stood
 * out, logs that cannot be read.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "alert.h"
#include "base/mem.h"
#include "base/time.h"
#include "config/config.h"
#include "ingest/ingest.h"
#include "ledger/ledger.h"
#include "report_series.h"
#include "store/store.h"

enum { MEGABYTE = 1000000, DAYS_BACK = 120 };
#define DAY_MS INT64_C(86400000)

static int
look_at_disk(struct cmd_ctx *ctx, struct alert_look *look, struct tk_err *err)
{
	const char *path = store_path(ctx->ledger_url);
	struct statvfs fs;
	int64_t least, mb;

	if (config_get_int(ctx->config, "alert.disk_free", &least, err) < 0)
		return -1;
	if (statvfs(path, &fs) != 0)
		return 0;
	mb = (int64_t)((tk_int128)fs.f_bavail * fs.f_frsize / MEGABYTE);
	look->full = mb < least / 10;
	if (mb < least)
		tk_buf_addf(&look->disk,
		    "%sOnly %" PRId64 " MB are free where the ledger is",
		    look->full ? "CRITICAL: " : "", mb);
	return 0;
}

static int
look_at_days(struct cmd_ctx *ctx, struct alert_look *look, struct tk_err *err)
{
	struct series_query q = { .zone = ctx->zone,
		.now = ctx->now,
		.week_start = ctx->week_start,
		.step = DIM_DATE };
	struct tk_buf why = TK_BUF_INIT, day = TK_BUF_INIT;
	struct series s;

	ledger_filter_init(&q.filter);
	q.filter.since = ctx->now - DAYS_BACK * DAY_MS;
	if (series_run(&s, ctx->ledger, &q, err) < 0)
		return -1;
	if (series_last_is_odd(&s, SERIES_TOKENS, &why)) {
		tk_day_add(&day, tk_zone_day(ctx->zone, s.start[s.n - 1]));
		snprintf(look->day, sizeof(look->day), "%s", day.s);
		tk_buf_addf(&look->odd, "%s stood out: %s", day.s, why.s);
	}
	series_release(&s);
	tk_buf_release(&why);
	tk_buf_release(&day);
	return 0;
}

int
alert_look(struct cmd_ctx *ctx, struct alert_look *look, struct tk_err *err)
{
	return look_at_disk(ctx, look, err) < 0 ||
		look_at_days(ctx, look, err) < 0
	    ? -1
	    : 0;
}

void
alert_look_release(struct alert_look *look)
{
	tk_buf_release(&look->disk);
	tk_buf_release(&look->odd);
}

/* One condition: there with a text, over without. */
static int
tell(struct ledger *l, const struct alert_condition *c, const char *over,
    int64_t now, struct tk_err *err)
{
	return *c->message != '\0'
	    ? alert_raise(l, c, now, err)
	    : alert_clear(l, c->kind, NULL, over, now, err);
}

int
alert_tell_look(struct cmd_ctx *ctx, const struct alert_look *look,
    struct tk_err *err)
{
	struct alert_condition disk = { .kind = ALERT_CAPACITY,
		.about = look->full ? "full" : "disk",
		.severity = look->full ? SEVERITY_CRITICAL : SEVERITY_WARNING,
		.message = look->disk.s,
		.detail = "" };
	struct alert_condition odd = { .kind = ALERT_ANOMALY,
		.about = look->day,
		.severity = SEVERITY_WARNING,
		.message = look->odd.s,
		.detail = "" };

	return tell(ctx->ledger, &disk, "there is room again", ctx->now, err) <
		    0 ||
		tell(ctx->ledger, &odd, "the last day was as usual", ctx->now,
		    err) < 0
	    ? -1
	    : 0;
}

/* Which sources failed before, and still have an open alert. */
struct failing {
	char **about;
	size_t n;
};

static int
keep_failing(const struct alert *a, void *data, struct tk_err *err)
{
	struct failing *f = data;

	(void)err;
	if (a->kind != ALERT_IMPORT)
		return 0;
	f->about = tk_xreallocarray(f->about, f->n + 1, sizeof(*f->about));
	f->about[f->n++] = tk_xstrdup(a->about);
	return 0;
}

static bool
is_failing(const struct failing *f, const char *source)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->about[i], source) == 0)
			return true;
	return false;
}

/* A log that cannot be opened, or lines of which none is a call: the program
 * that writes them may write something else now. */
static bool
fails(const struct ingest_tally *t)
{
	return t->failed > 0 || (t->bad > 0 && t->calls == 0);
}

static int
tell_source(struct ledger *l, const char *source, const struct ingest_tally *t,
    int64_t now, struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	struct alert_condition c = { .kind = ALERT_IMPORT,
		.about = source,
		.severity = SEVERITY_WARNING,
		.detail = "" };
	int rc;

	if (!fails(t))
		return alert_clear(l, ALERT_IMPORT, source,
		    "its logs can be read again", now, err);
	tk_buf_addf(&text, "Importing %s fails: ", source);
	if (t->failed > 0)
		tk_buf_addf(&text, "%" PRId64 " %s not be read", t->failed,
		    t->failed == 1 ? "log could" : "logs could");
	else
		tk_buf_adds(&text, "no call is understood in its new lines");
	c.message = text.s;
	rc = alert_raise(l, &c, now, err);
	tk_buf_release(&text);
	return rc;
}

/* Whether there is anything to write down of a source: it fails, or it did
 * and calls come in again. */
static bool
has_news(const struct failing *f, const char *source,
    const struct ingest_tally *t)
{
	return is_failing(f, source) ? !fails(t) && t->calls > 0 : fails(t);
}

int
alert_tell_import(struct ledger *l, const struct ingest_report *r, int64_t now,
    struct tk_err *err)
{
	struct failing f = { NULL, 0 };
	bool begun = false;
	int rc = alert_each(l, ALERTS_OPEN, keep_failing, &f, err);

	for (size_t i = 0; rc >= 0 && importer_at(i) != NULL; i++) {
		const char *source = importer_name(importer_at(i));

		if (!has_news(&f, source, &r->tally[i]))
			continue;
		if (!begun && (rc = ledger_begin(l, err)) < 0)
			break;
		begun = true;
		rc = tell_source(l, source, &r->tally[i], now, err);
	}
	if (begun && rc >= 0)
		rc = ledger_commit(l, LEDGER_DURABLE, err);
	ledger_rollback(l);
	for (size_t i = 0; i < f.n; i++)
		free(f.about[i]);
	free(f.about);
	return rc < 0 ? -1 : 0;
}
