/*
 * Holds: what is kept free for calls that are being made.
 *
 * A hold is a row of the table "hold" and, while it is active, a part of
 * every counter that counts its subject at the time it was made.  Whoever
 * takes it out of the counters marks the row in the same transaction, so it
 * is freed once, whatever the clock does.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "ledger/record.h"
#include "limit/hold.h"
#include "limit/limit_int.h"

#define HOLD_COLUMNS \
	"id, state, created, expires, resolved, person, application, model," \
	" api_key, session, tokens, usd, pico, record"

static const char active_sql[] = "SELECT " HOLD_COLUMNS "  FROM hold"
				 " WHERE state = 0 AND expires <= $1"
				 " ORDER BY expires, id";
static const char any_sql[] =
    "SELECT 1 FROM hold WHERE state = 0 AND expires <= $1 LIMIT 1";
static const char get_sql[] =
    "SELECT " HOLD_COLUMNS "  FROM hold WHERE id = $1";
static const char last_sql[] = "SELECT id FROM hold ORDER BY id DESC LIMIT 1";
static const char add_sql[] =
    "INSERT INTO hold (state, created, expires, person, application, model,"
    "                  api_key, session, tokens, usd, pico, request_id, body,"
    "                  id)"
    " VALUES (0, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
static const char end_sql[] =
    "UPDATE hold SET state = $2, resolved = $3, record = $4 WHERE id = $1";

const char *
limit_hold_state_name(enum limit_hold_state state)
{
	switch (state) {
	case HOLD_ACTIVE:
		return "active";
	case HOLD_SETTLED:
		return "settled";
	case HOLD_RELEASED:
		return "released";
	case HOLD_EXPIRED:
		return "expired";
	}
	return "unknown";
}

bool
limit_hold_parse(const char *text, int64_t *id)
{
	if (*text == 'r')
		text++;
	return tk_int_parse(text, strlen(text), id) && *id > 0;
}

static const char *
copy(struct limit_hold *h, int i, const struct stmt *q, int col)
{
	if (stmt_is_null(q, col))
		return NULL;
	return h->text[i] = tk_xstrdup(stmt_text(q, col));
}

static void
read_hold(const struct stmt *q, struct limit_hold *h)
{
	*h = (struct limit_hold){ .id = stmt_int(q, 0),
		.state = (enum limit_hold_state)stmt_int(q, 1),
		.created = stmt_int(q, 2),
		.expires = stmt_int(q, 3),
		.resolved = stmt_int(q, 4),
		.tokens = stmt_int(q, 10),
		.cost = limit_wide(q, 11),
		.record = stmt_int(q, 13) };
	h->who.user = copy(h, 0, q, 5);
	h->who.application = copy(h, 1, q, 6);
	h->who.model = copy(h, 2, q, 7);
	h->who.key = copy(h, 3, q, 8);
	h->who.session = copy(h, 4, q, 9);
}

void
limit_hold_release(struct limit_hold *h)
{
	for (size_t i = 0; i < TK_LEN(h->text); i++) {
		free(h->text[i]);
		h->text[i] = NULL;
	}
}

/* Mostly there is none, which is found out with less than the whole row. */
static int
any_active(struct limits *L, int64_t until, struct tk_err *err)
{
	int more;

	if (until <= L->none_until)
		return 0;
	if (store_prepare_once(L->st, &L->any_expired, any_sql, err) < 0)
		return -1;
	stmt_bind_int(L->any_expired, 1, until);
	more = stmt_step(L->any_expired, err);
	if (more > 0)
		stmt_reset(L->any_expired);
	if (more == 0)
		L->none_until = until;
	return more;
}

/* All are read before fn is called: it may write. */
int
holds_each_active(struct limits *L, int64_t until, hold_visit_fn *fn,
    void *data, struct tk_err *err)
{
	struct limit_hold *v = NULL;
	size_t n = 0, room = 0;
	int more, rc = any_active(L, until, err);

	if (rc <= 0)
		return rc;
	if (store_prepare_once(L->st, &L->expired, active_sql, err) < 0)
		return -1;
	stmt_bind_int(L->expired, 1, until);
	while ((more = stmt_step(L->expired, err)) > 0) {
		if (n == room) {
			room = room ? 2 * room : 16;
			v = tk_xreallocarray(v, room, sizeof(*v));
		}
		read_hold(L->expired, &v[n++]);
	}
	rc = more;
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = fn(&v[i], data, err);
		limit_hold_release(&v[i]);
	}
	free(v);
	return rc;
}

struct unexpired {
	int64_t now;
	limit_hold_fn *fn;
	void *data;
};

static int
visit_unexpired(const struct limit_hold *h, void *data, struct tk_err *err)
{
	const struct unexpired *u = data;

	return h->expires > u->now ? u->fn(h, u->data, err) : 0;
}

int
limit_each_hold(struct ledger *l, int64_t now, limit_hold_fn *fn, void *data,
    struct tk_err *err)
{
	struct unexpired u = { now, fn, data };

	return holds_each_active(limits_of(l), INT64_MAX, visit_unexpired, &u,
	    err);
}

int
limit_hold_get(struct ledger *l, int64_t id, struct limit_hold *h,
    struct tk_err *err)
{
	struct limits *L = limits_of(l);
	int more;

	if (store_prepare_once(L->st, &L->hold, get_sql, err) < 0)
		return -1;
	stmt_bind_int(L->hold, 1, id);
	more = stmt_step(L->hold, err);
	if (more > 0) {
		read_hold(L->hold, h);
		stmt_reset(L->hold);
	}
	return more;
}

static int
book_hold(struct limits *L, const struct limit_hold *h, int sign,
    struct tk_err *err)
{
	struct tally_sums sums;

	if (limits_load(L, err) < 0)
		return -1;
	tally_sums_of_hold(&sums, h, sign);
	return book_add(L, &L->book, &h->who, h->created, &sums, true, 0, err);
}

int
hold_end(struct limits *L, const struct limit_hold *h,
    enum limit_hold_state state, int64_t now, int64_t record,
    struct tk_err *err)
{
	if (h->state == HOLD_ACTIVE && book_hold(L, h, -1, err) < 0)
		return -1;
	if (store_prepare_once(L->st, &L->hold_end, end_sql, err) < 0)
		return -1;
	stmt_bind_int(L->hold_end, 1, h->id);
	stmt_bind_int(L->hold_end, 2, state);
	stmt_bind_int(L->hold_end, 3, now);
	if (record > 0)
		stmt_bind_int(L->hold_end, 4, record);
	else
		stmt_bind_null(L->hold_end, 4);
	return stmt_step(L->hold_end, err);
}

struct sweep {
	struct limits *L;
	int64_t now;
};

static int
expire(const struct limit_hold *h, void *data, struct tk_err *err)
{
	struct sweep *s = data;

	return hold_end(s->L, h, HOLD_EXPIRED, s->now, 0, err);
}

int
hold_sweep(struct limits *L, int64_t now, struct tk_err *err)
{
	struct sweep s = { L, now };

	return holds_each_active(L, now, expire, &s, err);
}

/* Chosen here: a statement that writes and returns rows costs SQLite a
 * journal of its own, of 64 kB. */
static int
next_id(struct limits *L, int64_t *id, struct tk_err *err)
{
	int more;

	if (store_prepare_once(L->st, &L->hold_last, last_sql, err) < 0)
		return -1;
	more = stmt_step(L->hold_last, err);
	*id = 1;
	if (more <= 0)
		return more;
	*id = stmt_int(L->hold_last, 0);
	stmt_reset(L->hold_last);
	if (*id >= INT64_MAX)
		return tk_fail(err, TK_DATA,
		    "the ledger is damaged: hold r%" PRId64, *id);
	++*id;
	return 0;
}

int
hold_add(struct limits *L, struct limit_hold *h, const char *request_id,
    const void *body, size_t body_len, struct tk_err *err)
{
	struct stmt *q;

	L->none_until = INT64_MIN;
	if (next_id(L, &h->id, err) < 0 ||
	    store_prepare_once(L->st, &L->hold_add, add_sql, err) < 0)
		return -1;
	q = L->hold_add;
	stmt_bind_int(q, 1, h->created);
	stmt_bind_int(q, 2, h->expires);
	stmt_bind_text(q, 3, h->who.user);
	stmt_bind_text(q, 4, h->who.application);
	stmt_bind_text(q, 5, h->who.model);
	stmt_bind_text(q, 6, h->who.key);
	stmt_bind_text(q, 7, h->who.session);
	stmt_bind_int(q, 8, h->tokens);
	limit_bind_wide(q, 9, h->cost);
	stmt_bind_text(q, 11, request_id);
	if (request_id != NULL)
		stmt_bind_blob(q, 12, body, body_len);
	else
		stmt_bind_null(q, 12);
	stmt_bind_int(q, 13, h->id);
	return stmt_step(q, err) < 0 ? -1 : book_hold(L, h, 1, err);
}

int
limit_hold_request(struct ledger *l, int64_t id, struct tk_buf *b,
    struct tk_err *err)
{
	struct limits *L = limits_of(l);

	if (L->uuid[0] == '\0' && ledger_uuid(l, L->uuid, err) < 0)
		return -1;
	tk_buf_addf(b, "hold-%s-%" PRId64, L->uuid, id);
	return 0;
}

int
limit_settle(struct ledger *l, const struct limit_hold *h,
    struct usage_record *r, bool timed, int64_t now, bool *again,
    struct tk_err *err)
{
	struct limits *L = limits_of(l);
	enum ledger_result result;
	int64_t known;
	int found;

	*again = false;
	if (h->state == HOLD_RELEASED) {
		tk_fail(err, TK_CONFLICT,
		    "the hold r%" PRId64 " was released before", h->id);
		return tk_hint(err,
		    "book what was used with 'tokctl usage record'");
	}
	found = ledger_find(l, r->request_id, &known, err);
	if (found < 0)
		return -1;
	if (h->state == HOLD_SETTLED && found == 0)
		return tk_fail(err, TK_CONFLICT,
		    "the hold r%" PRId64 " was settled before, as record "
		    "%" PRId64,
		    h->id, h->record);
	if (ledger_put(l, r, timed ? LEDGER_STRICT : LEDGER_STRICT_UNTIMED,
		&result, err) < 0)
		return -1;
	if (h->state == HOLD_SETTLED) {
		*again = true;
		return 0;
	}
	return hold_end(L, h, HOLD_SETTLED, now, r->id, err);
}

int
limit_release(struct ledger *l, const struct limit_hold *h, int64_t now,
    bool *again, struct tk_err *err)
{
	struct limits *L = limits_of(l);

	*again = h->state == HOLD_RELEASED || h->state == HOLD_EXPIRED;
	if (h->state == HOLD_SETTLED)
		return tk_fail(err, TK_CONFLICT,
		    "the hold r%" PRId64 " was settled before, as record "
		    "%" PRId64,
		    h->id, h->record);
	if (*again)
		return 0;
	return hold_end(L, h, h->expires <= now ? HOLD_EXPIRED : HOLD_RELEASED,
	    now, 0, err);
}
