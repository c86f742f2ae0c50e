#ifndef TOP_TOP_H
#define TOP_TOP_H

#include "ledger/scan.h"
#include "limit/crossing.h"
#include "limit/quota.h"
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
enum { TOP_LATEST = 80, TOP_EVENTS = 80 };

enum top_view {
	TOP_USER,
	TOP_APPLICATION,
	TOP_MODEL,
	TOP_SESSION,
	TOP_PROJECT,
	TOP_LIVE,   /* the latest calls */
	TOP_LIMITS, /* quotas and budgets */
	TOP_ALERTS, /* thresholds that were crossed */
	TOP_HOME,   /* one user, or everyone, in two boxes */
	TOP_VIEWS,
};

/* "user", "application", ...; as --view takes them. */
extern const struct tk_choice top_views[];

/* The names that the rows of a view have; of users when it has none. */
enum name_kind top_view_kind(enum top_view view);

struct top_query {
	struct ledger_filter filter; /* by names; its times are not used */
	int range, shift; /* of the table: enum top_range, so many ago */
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

/* A quota or budget, and how much of it is used. */
struct top_limit {
	enum limit_kind kind;
	enum limit_scope scope;
	enum limit_period period;
	char *name; /* "alice", "alice with web", "everyone" */
	tk_int128 amount, used, held; /* tokens or pico-dollars */
	int64_t start, resets_at;     /* 0: never */
	const char *state;            /* of limit_use_state() */
};

/* A threshold that was crossed. */
struct top_event {
	int64_t time;
	enum limit_kind kind;
	enum limit_period period;
	char *name;
	tk_int128 amount;
	int64_t threshold, critical; /* parts per million */
};

/* What the boxes say of the latest session. */
struct top_session {
	bool any;
	int64_t since, last;
	tk_int128 tokens;
};

struct top_model {
	int64_t now;
	enum top_view view;
	char *user;    /* the header is of that one alone; or NULL */
	bool narrowed; /* by other names than that */
	struct now_figures figures;
	struct report table;       /* of today, by the view */
	struct report_query query; /* that the table is of */
	struct top_call call[TOP_LATEST];
	size_t calls;
	struct top_limit *limit;
	size_t limits;
	struct top_event event[TOP_EVENTS]; /* newest first */
	size_t events;
	size_t crossed; /* how many there are today */
	/* Only for TOP_HOME. */
	struct report application; /* of today, most tokens first */
	struct top_session session;
};

int top_model_read(struct top_model *m, struct ledger *l,
    const struct top_query *q, struct tk_err *err);
void top_model_release(struct top_model *m);

/* The day's limit of that user, in tokens; NULL: none. */
const struct top_limit *top_model_limit(const struct top_model *m,
    const char *user);
/* What the header compares the day, or the month, with: of the scope of the
 * query, money before tokens for the month; NULL: none. */
const struct top_limit *top_model_main(const struct top_model *m,
    enum limit_period period);

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
	int64_t now;       /* of the clock; 0: the model's */
};

#endif
