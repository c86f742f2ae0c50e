#ifndef TOP_TOP_H
#define TOP_TOP_H

#include "alert/alert.h"
#include "base/time.h"
#include "ledger/scan.h"
#include "ledger/segment.h"
#include "limit/limit.h"
#include "report/now.h"
#include "report/report.h"
#include "tui/cells.h"

/*
 * What "tokctl top" shows: a model, read from the ledger at one moment, and
 * frames, drawn from a model into cells of any size.  Neither knows of a
 * terminal.
 *
 * A model is read whole once (top_model_read()) and then follows: records
 * are only ever appended, so what was summed and the records since are
 * enough (top_model_follow()).  Both give the same figures, to the last
 * token; whatever cannot be followed, as another day, is read anew.
 *
 * With a filter the header is of what it lets through, as the tables are.
 */
enum {
	TOP_LATEST = 80, /* calls */
	TOP_ALERT_MAX = 500,
	TOP_DAYS = 14,   /* of the pane with costs */
	TOP_PULSES = 12, /* of a row: five minutes each */
};

enum top_view {
	TOP_USER,
	TOP_APPLICATION,
	TOP_MODEL,
	TOP_SESSION,
	TOP_PROJECT,
	TOP_LIVE,   /* the latest calls */
	TOP_LIMITS, /* quotas and budgets */
	TOP_ALERTS, /* what crossed a line */
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
	int week_start; /* 0 is Monday */
	enum top_view view;
	const char *folder; /* of now_read(), or NULL */
	bool drilled;       /* two more tables, by what else there is */
	bool panes;         /* what only a wide screen shows */
	bool no_days;       /* but for the days and hours, if filtered */
	bool session;       /* and its applications, whatever the view */
};

/*
 * Rows by one kind of name, of a range of time.  They are in the order of
 * their names as they were read first, and those that came later behind them.
 */
struct top_table {
	bool on;
	bool split; /* of sessions: each by application */
	struct report_query query;
	struct report report;
	size_t room;
	uint32_t *slot; /* from name ids to rows, + 1 */
	size_t slots;
};

enum top_tables {
	TABLE_VIEW,
	TABLE_SECOND, /* below it, when drilled */
	TABLE_THIRD,
	TABLE_APPS,     /* of today, for TOP_HOME */
	TABLE_SESSIONS, /* and their applications, since yesterday, for it */
	TABLE_MODELS,   /* of today, for panes */
	TABLES,
};

/* Tokens by name and five minutes of the last hour. */
struct top_pulses {
	struct top_pulse {
		uint32_t name;          /* id; 0: free */
		int64_t at[TOP_PULSES]; /* which five minutes, since 1970 */
		tk_int128 tokens[TOP_PULSES];
	} * v;
	size_t n, room; /* a power of two */
};

/* Names by their ids. */
struct top_names {
	struct top_name {
		uint32_t id; /* 0: free */
		char *text;
	} * v;
	size_t n, room; /* a power of two */
};

/* One of the latest calls. */
struct top_call {
	int64_t id, time;
	/* NULL: not said */
	const char *user, *application, *model, *session;
	int64_t input, cached, output; /* input has all of it */
	int64_t cost;                  /* RECORD_UNKNOWN: not known */
};

/* A quota or budget, and how much of it is used. */
struct top_limit {
	enum limit_kind kind;
	enum limit_scope scope;
	enum limit_period period;
	bool rolling;
	char *name;  /* "alice", "application web", "everyone" */
	char *label; /* the same where it is clear of what: "web" */
	tk_int128 amount, used, held; /* tokens or pico-dollars */
	int64_t start, resets_at;     /* 0: never */
	const char *state;            /* of limit_use_state() */
};

/* Whose limits there are, each once, and where they stand in limit[]. */
struct top_owner {
	enum limit_scope scope;
	char *name, *name2;
	size_t first, n;
	bool due; /* a hold came or went */
};

struct top_alert {
	int64_t id, time;
	enum alert_kind kind;
	enum alert_severity severity;
	enum alert_state state;
	char *name;   /* whose; "" when it has no scope */
	bool is_user; /* name is one */
	char *message;
	/* Of a limit: which, how much, and the largest threshold passed. */
	bool has_limit;
	enum limit_kind of;
	char period[16];
	tk_int128 amount;
	int64_t percent;
};

struct top_model {
	int64_t now;
	enum top_view view;
	char *user;    /* the header is of that one alone; or NULL */
	int scope;     /* enum limit_scope of the header; -1: none */
	char *name;    /* of that scope; or NULL */
	bool empty;    /* the ledger has no record at all */
	bool filtered; /* not all of it is let through */
	struct tk_range day, month;
	struct now_figures figures;
	struct top_names names; /* of all that follows */
	struct top_table table[TABLES];
	struct top_call call[TOP_LATEST]; /* newest first */
	size_t calls;
	struct top_limit *limit;
	size_t limits;
	struct top_owner *owner;
	size_t owners, next_owner;
	struct top_hold *hold; /* that are active; of many owners only */
	size_t holds;
	const struct top_limit **daily; /* quotas of users, by name */
	size_t dailies;
	struct top_alert *alert; /* newest first, up to TOP_ALERT_MAX */
	size_t alert_room;
	size_t alerts, active; /* active: nobody has acknowledged them */
	/* Only with panes. */
	struct top_pulses pulse;
	bool has_days; /* the two that follow are known */
	int32_t last_day;
	tk_int128 day_cost[TOP_DAYS]; /* [0] is last_day, [1] the one before */
	tk_int128 hour_tokens[7][24]; /* of the last seven days; by weekday */
	/* How far it was read. */
	int64_t epoch, last_id;
	int64_t next; /* when something comes to pass that is there already */
	uint8_t audit[HEAD_SIZE]; /* of limits */
	uint8_t *touched; /* names that calls had since limits were read */
	size_t touched_room;
};

int top_model_read(struct top_model *m, struct ledger *l,
    const struct top_query *q, struct tk_err *err);

/*
 * The same model at q->now, which differs from what it was read with in that
 * alone.  1: all of it was read anew, because it had to; 0: it followed.
 * When it fails the model is what it was.  Days and hours that it does not
 * have yet, because of no_days, are read: they take longest.
 */
int top_model_follow(struct top_model *m, struct ledger *l,
    const struct top_query *q, struct tk_err *err);
void top_model_release(struct top_model *m);

/* The day's limit of that user, in tokens; NULL: none. */
const struct top_limit *top_model_limit(const struct top_model *m,
    const char *user);
/* What the header compares the day, or the month, with: of the scope of the
 * query, money before tokens for the month; NULL: none. */
const struct top_limit *top_model_main(const struct top_model *m,
    enum limit_period period);
/* The quota of that scope and period, whatever the header compares. */
const struct top_limit *top_model_quota(const struct top_model *m,
    enum limit_period period);

/* Tokens of a name in the last hour, TOP_PULSES values, the oldest first. */
void top_model_pulse(const struct top_model *m, int64_t name,
    tk_int128 *tokens);

/* The session that was used last; false: there was none since yesterday. */
struct top_session {
	int64_t name; /* its id, as in the first key of TABLE_SESSIONS */
	int64_t since, last;
	tk_int128 tokens;
};
bool top_model_session(const struct top_model *m, struct top_session *s);

/* The applications of that session, or of today without one, those with the
 * most tokens first; their names are in that dimension.  free() *row. */
size_t top_applications(const struct top_model *m,
    const struct report_row ***row, size_t *dim, tk_int128 *whole);

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

/*
 * How long a limit in tokens lasts at the rate of the last five minutes.
 * False where that says nothing: no limit, used up, before 3 calls and 5
 * minutes, at rest, or when it is renewed before.
 */
bool top_limit_lasts(const struct top_model *m, const struct top_limit *l,
    int64_t *ms);

/* The frame as JSON, one object; see tokctl-top(1). */
struct top_ui;
void top_json(const struct top_model *m, const struct tk_zone *zone,
    const struct top_ui *ui, struct tk_buf *b);

/* How a frame is drawn. */
struct top_style {
	const struct tk_zone *zone;
	const struct tk_digits *digits;
	const char *scope;  /* "all users", "alice" */
	int64_t now;        /* of the clock; 0: the model's */
	const char *ledger; /* where it is, for people */
};

/* What a window may be called meanwhile: "46% ok - tokctl top". */
void top_title(const struct top_model *m, const struct top_style *style,
    struct tk_buf *b);

/* Whether there was no call for an hour, but there was one before. */
bool top_nothing_new(const struct top_model *m, int64_t now);

/* Whether a frame of that size has panes. */
bool top_has_panes(int w, int h);

#endif
