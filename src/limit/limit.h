#ifndef LIMIT_LIMIT_H
#define LIMIT_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/choice.h"
#include "base/err.h"
#include "base/num.h"
#include "base/time.h"

struct ledger;
struct usage_record;

/*
 * Limits: quotas count tokens, budgets count money.
 *
 * A limit belongs to a scope, such as the user "alice", and holds for a
 * period.  What was used in a period is kept in counters, booked in the same
 * transaction as each record, by the record's own time.  A period is a pure
 * function of a time and a zone: nothing is ever reset.
 *
 * A hold is what a call that is about to be made may use.  It is booked in
 * the same counters, as held, at the time it was made, and becomes usage of
 * that same time when it is settled: so what is used and held stays within a
 * limit in every period, also when a call ends after midnight.
 *
 *	limit_check()		would it fit?  changes nothing
 *	limit_reserve()		if it fits every limit, hold it: one step
 *	limit_settle()		book what was used, free the rest: one step
 *	limit_release()		free all of it
 *
 * A hold that was not settled in time frees itself: who writes next frees
 * it for good, who only reads leaves it out.
 */
enum limit_kind { LIMIT_QUOTA, LIMIT_BUDGET };

enum limit_scope {
	SCOPE_USER,
	SCOPE_DEPARTMENT,
	SCOPE_APPLICATION,
	SCOPE_MODEL,
	SCOPE_KEY, /* an API key */
	SCOPE_EVERYONE,
	SCOPE_USER_APPLICATION, /* one user with one application */
	SCOPES,
};

extern const struct tk_choice limit_scopes[]; /* "user", ... */
const char *limit_scope_name(enum limit_scope scope);

struct limit_name {
	enum limit_scope scope;
	const char *name;  /* "" for everyone */
	const char *name2; /* the application of a pair, else "" */
};

/* "user alice", "everyone", "user alice with application web". */
struct tk_buf;
void limit_name_add(struct tk_buf *b, const struct limit_name *n);
/* The same, but "alice": most are users. */
void limit_name_add_short(struct tk_buf *b, const struct limit_name *n);

enum limit_period {
	PERIOD_DAY,
	PERIOD_WEEK, /* from Monday */
	PERIOD_MONTH,
	PERIOD_QUARTER,
	PERIOD_YEAR,
	PERIOD_HARD,    /* for ever */
	PERIOD_SESSION, /* one conversation */
	/* Of rolling windows: so many of them are looked at together. */
	PERIOD_MINUTES,
	PERIOD_HOURS,
	PERIOD_DAYS,
};

extern const struct tk_choice limit_periods[]; /* "day" to "session" */
const char *limit_period_name(enum limit_period p);

/* The period that holds the instant; hard and session: from 0 on. */
void limit_period_span(enum limit_period p, const struct tk_zone *z, int64_t ms,
    struct tk_range *r);

/* Who makes a call; what is not known is NULL. */
struct limit_subject {
	const char *user, *application, *model, *key, *session;
};

/* What to do when a price is not known and a budget applies. */
enum limit_unknown { UNKNOWN_ESTIMATE, UNKNOWN_DENY, UNKNOWN_ALLOW };

/* What the money of unpriced calls is taken for: pico-dollars a token. */
struct limit_prices {
	enum limit_unknown unknown;
	bool known; /* there is a ceiling */
	int64_t input, output;
};

void limit_set_prices(struct ledger *l, const struct limit_prices *p);

/* How long counters of past periods are kept (prune.h), and what was told of
 * them; 0: for ever. */
#define LIMIT_KEEP_MS (INT64_C(400) * 24 * 60 * 60 * 1000)
void limit_set_keep(struct ledger *l, int64_t ms);
int64_t limit_keep(struct ledger *l);

/* For who only reads, again and again: what the limits are is asked anew,
 * others may have changed them. */
void limit_reread(struct ledger *l);

/* Whether a user that nobody added may be asked for. */
enum limit_strangers { STRANGERS_CREATE, STRANGERS_REFUSE, STRANGERS_BOOK };

struct limit_ask {
	struct limit_subject who;
	int64_t now;
	int64_t tokens;  /* -1: is there anything left at all? */
	bool money_only; /* quotas are not asked */
	bool priced;     /* cost is known */
	bool given;      /* by the caller */
	tk_int128 cost;  /* pico-dollars */
	bool unknown;    /* no price is known for the model */
	bool has_ceiling;
	tk_int128 ceiling; /* then: what it may cost at most */
	enum limit_strangers strangers;
	/* for limit_reserve() */
	int64_t ttl;            /* ms */
	const char *request_id; /* or NULL */
};

struct limit_answer {
	bool allowed;
	int64_t reservation; /* 0: none */
	bool bound;          /* a limit applies; the rest is about it */
	enum limit_kind kind;
	struct limit_name of;
	enum limit_period period;
	bool rolling;
	tk_int128 amount, used, held, remaining; /* tokens or pico-dollars */
	int64_t resets_at;                       /* 0: never */
	bool priced;
	tk_int128 cost;
	int64_t expires_at; /* 0: nothing was held */
	const char *reason; /* why not; "" when allowed */
	bool repeated;      /* the same request was answered before */
	char *text[3];      /* private: what the texts above point to */
};

void limit_answer_release(struct limit_answer *a);

/* Inside ledger_begin_read() or ledger_begin(). */
int limit_check(struct ledger *l, const struct limit_ask *ask,
    struct limit_answer *a, struct tk_err *err);

/*
 * Inside ledger_begin(); to be committed if a->reservation is new.  With a
 * request_id that was used before: the same answer, or TK_CONFLICT if the
 * request is another one.  A refusal holds nothing and claims no id.
 */
int limit_reserve(struct ledger *l, const struct limit_ask *ask,
    struct limit_answer *a, struct tk_err *err);

enum limit_hold_state {
	HOLD_ACTIVE,
	HOLD_SETTLED,
	HOLD_RELEASED,
	HOLD_EXPIRED
};
const char *limit_hold_state_name(enum limit_hold_state state);

struct limit_hold {
	int64_t id;
	enum limit_hold_state state;
	int64_t created, expires;
	int64_t resolved; /* when it stopped to be active; 0: it is */
	struct limit_subject who;
	int64_t tokens;
	tk_int128 cost;
	int64_t record; /* of what was used; 0: none */
	char *text[5];  /* private */
};

/* 1: there it is; 0: there is no such hold. */
int limit_hold_get(struct ledger *l, int64_t id, struct limit_hold *h,
    struct tk_err *err);
void limit_hold_release(struct limit_hold *h); /* the struct */

/* Inside ledger_begin_read(): those that are active and did not expire before
 * now. */
typedef int limit_hold_fn(const struct limit_hold *h, void *data,
    struct tk_err *err);
int limit_each_hold(struct ledger *l, int64_t now, limit_hold_fn *fn,
    void *data, struct tk_err *err);

/* "r17" is 17; false if it is no id. */
bool limit_hold_parse(const char *text, int64_t *id);

/* The request_id of what settles a hold that names none. */
int limit_hold_request(struct ledger *l, int64_t id, struct tk_buf *b,
    struct tk_err *err);

/*
 * Inside ledger_begin(): book r, whose request_id must be set, and free the
 * hold.  Again with the same record changes nothing; *again tells.
 */
int limit_settle(struct ledger *l, const struct limit_hold *h,
    struct usage_record *r, bool timed, int64_t now, bool *again,
    struct tk_err *err);

/* Inside ledger_begin(): free it; *again if it was freed before. */
int limit_release(struct ledger *l, const struct limit_hold *h, int64_t now,
    bool *again, struct tk_err *err);

#endif
