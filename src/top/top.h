#ifndef TOP_TOP_H
#define TOP_TOP_H

#include "ledger/scan.h"
#include "report/now.h"
#include "report/report.h"
#include "tui/cells.h"

/*
 * What "tokctl top" shows: a model, read from the ledger at one moment, and
 * frames, drawn from a model into cells of any size.  Neither knows of a
 * terminal.
 *
 * With a filter the header is of what it lets through, as the table is.
 */
enum { TOP_LATEST = 20 };

enum top_view {
	TOP_USER,
	TOP_APPLICATION,
	TOP_MODEL,
	TOP_SESSION,
	TOP_PROJECT,
	TOP_VIEWS,
};

/* "user", "application", ...; as --view takes them. */
extern const struct tk_choice top_views[];

struct top_query {
	struct ledger_filter filter; /* by names; its times are not used */
	int64_t now;
	const struct tk_zone *zone;
	enum top_view view;
	const char *folder; /* of now_read(), or NULL */
};

/* One of the latest calls. */
struct top_call {
	int64_t time;
	char *user, *application, *model; /* NULL: not said */
	int64_t input, output;            /* without what a cache has read */
	int64_t cost;                     /* RECORD_UNKNOWN: not known */
};

struct top_model {
	int64_t now;
	enum top_view view;
	struct now_figures figures;
	struct report table; /* of today, by the view, most tokens first */
	struct report_query query; /* that the table is of */
	struct top_call call[TOP_LATEST];
	size_t calls;
};

int top_model_read(struct top_model *m, struct ledger *l,
    const struct top_query *q, struct tk_err *err);
void top_model_release(struct top_model *m);

/*
 * What today and this month come to, told apart by how sure it is: the day at
 * the pace of the last hour, but never faster than the day has gone so far,
 * the month at its own.  False before there were 3 calls and 5 minutes, and
 * when nothing was used for an hour.
 */
bool top_day_ahead(const struct top_model *m, const struct tk_zone *zone,
    tk_int128 *tokens);
bool top_month_ahead(const struct top_model *m, const struct tk_zone *zone,
    tk_int128 *cost);

/* How a frame is drawn. */
struct top_style {
	const struct tk_zone *zone;
	const struct tk_digits *digits;
	const char *scope; /* "all users", "alice" */
};

void top_draw(struct cells *g, const struct top_model *m,
    const struct top_style *style);

#endif
