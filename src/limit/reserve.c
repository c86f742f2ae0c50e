/*
 * The one gate: does a call fit every limit that applies, and which of them
 * binds?
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/sha256.h"
#include "ledger/names.h"
#include "ledger/sums.h"
#include "limit/hold.h"
#include "limit/limit_int.h"
#include "limit/people.h"

void
limit_answer_release(struct limit_answer *a)
{
	for (size_t i = 0; i < TK_LEN(a->text); i++)
		free(a->text[i]);
	*a = (struct limit_answer){ .reason = "" };
}

static const char *
keep(struct limit_answer *a, size_t i, const char *text)
{
	free(a->text[i]);
	return a->text[i] = tk_xstrdup(text);
}

/* One limit that applies, and whether the call fits it. */
struct candidate {
	const struct limit_part *p;
	struct part_state s;
	tk_int128 need, left;
	bool fits;
};

/*
 * How many times the call fits what is left, in units of 2^-20; without a
 * need, how much is left of the limit, after all that have one.
 */
static tk_int128
room(const struct candidate *c)
{
	tk_int128 whole = c->need > 0 ? c->need : c->s.amount;
	tk_int128 part = (c->left << 20) / (whole > 0 ? whole : 1);

	return c->need > 0 ? part : part + ((tk_int128)1 << 100);
}

/* Does a bind before b? */
static bool
is_tighter(const struct candidate *a, const struct candidate *b)
{
	tk_int128 ra = room(a), rb = room(b);

	if (a->fits != b->fits)
		return !a->fits;
	if (ra != rb)
		return ra < rb;
	/* Of those with the same room the one that lasts longest. */
	return a->s.resets_at == 0 && b->s.resets_at != 0
	    ? true
	    : b->s.resets_at != 0 && a->s.resets_at > b->s.resets_at;
}

/* What the call takes of a budget. */
static tk_int128
money_of(const struct limits *L, const struct limit_ask *ask)
{
	if (ask->priced)
		return ask->cost;
	return ask->unknown && ask->has_ceiling &&
		L->prices.unknown == UNKNOWN_ESTIMATE
	    ? ask->ceiling
	    : 0;
}

struct asking {
	struct limits *L;
	const struct limit_ask *ask;
	bool unswept;
	bool any;
	bool budget; /* that may block */
	struct candidate best;
};

static int
look_at(struct asking *a, const struct limit_part *p, struct tk_err *err)
{
	const struct limit_ask *ask = a->ask;
	struct candidate c = { .p = p };
	tk_int128 left;

	if ((p->period == PERIOD_SESSION && ask->who.session == NULL) ||
	    (p->kind == LIMIT_QUOTA && ask->money_only))
		return 0;
	if (part_state(a->L, p, ask->now, ask->who.session, a->unswept, &c.s,
		err) < 0)
		return -1;
	left = c.s.amount - c.s.used - c.s.held;
	c.left = left > 0 ? left : 0;
	if (p->kind == LIMIT_BUDGET) {
		a->budget |= p->block;
		c.need = money_of(a->L, ask);
	} else {
		c.need = ask->tokens > 0 ? ask->tokens : 0;
	}
	c.fits = !p->block ||
	    (ask->tokens < 0 && !ask->money_only ? left > 0 : c.need <= left);
	if (!a->any || is_tighter(&c, &a->best))
		a->best = c;
	a->any = true;
	return 0;
}

static int
look_at_all(struct asking *a, struct tk_err *err)
{
	const char *department = NULL;
	struct limits *L = a->L;

	if (L->mask & 1u << SCOPE_DEPARTMENT && a->ask->who.user != NULL &&
	    limits_department(L, a->ask->who.user, a->ask->now, &department,
		err) < 0)
		return -1;
	for (int scope = 0; scope < SCOPES; scope++) {
		struct limit_name n = { .scope = (enum limit_scope)scope };
		const struct part_list *list;

		if (!(L->mask & 1u << scope) ||
		    !limit_subject_name(&a->ask->who, department, n.scope,
			&n.name, &n.name2))
			continue;
		if (limits_parts(L, &n, &list, err) < 0)
			return -1;
		for (size_t i = 0; i < list->n; i++)
			if (look_at(a, &list->v[i], err) < 0)
				return -1;
	}
	return 0;
}

static void
say_why(struct limit_answer *a, const struct asking *asked)
{
	const struct candidate *c = &asked->best;
	struct tk_buf text = TK_BUF_INIT;

	a->reason = "";
	if (a->allowed)
		return;
	if (c->p->kind == LIMIT_QUOTA) {
		tk_buf_adds(&text, "Insufficient quota. Required: ");
		tk_int128_add(&text,
		    asked->ask->tokens < 0 ? 1 : asked->ask->tokens);
		tk_buf_adds(&text, ", Available: ");
		tk_int128_add(&text, c->left);
	} else {
		tk_buf_adds(&text, "Insufficient budget. Required: $");
		tk_money_add(&text, c->need);
		tk_buf_adds(&text, ", Available: $");
		tk_money_add(&text, c->left);
	}
	a->reason = keep(a, 2, text.s);
	tk_buf_release(&text);
}

static void
fill_in(struct limit_answer *a, const struct asking *asked)
{
	const struct candidate *c = &asked->best;
	const struct limit_ask *ask = asked->ask;

	a->allowed = !asked->any || c->fits;
	a->priced = ask->priced;
	a->cost = ask->cost;
	a->bound = asked->any;
	a->reason = "";
	if (!asked->any)
		return;
	a->kind = c->p->kind;
	a->of = c->p->of;
	a->of.name = keep(a, 0, c->p->of.name);
	a->of.name2 = keep(a, 1, c->p->of.name2);
	a->period = c->p->period;
	a->rolling = c->p->rolling;
	a->amount = c->s.amount;
	a->used = c->s.used;
	a->held = c->s.held;
	a->remaining = c->left;
	a->resets_at = c->s.resets_at;
	say_why(a, asked);
	if (a->allowed && ask->unknown && asked->budget &&
	    asked->L->prices.unknown == UNKNOWN_DENY) {
		a->allowed = false;
		a->reason =
		    keep(a, 2, "The price is not known, and a budget applies");
	}
}

/* Who is asked for must be somebody, unless a limit is for everybody. */
static int
check_user(struct ledger *l, const struct limit_ask *ask, bool any,
    struct tk_err *err)
{
	uint32_t id;
	int standing, recorded = 0;

	if (ask->who.user == NULL)
		return 0;
	standing = person_listed(l, ask->who.user, err);
	if (standing < 0)
		return -1;
	if (standing == PERSON_REMOVED) {
		tk_fail(err, TK_NOTFOUND, "user '%.200s' was removed",
		    ask->who.user);
		return tk_hint(err, "add it again with 'tokctl user add'");
	}
	if (standing == PERSON_KNOWN || ask->strangers == STRANGERS_BOOK ||
	    (any && ask->strangers == STRANGERS_CREATE))
		return 0;
	if (ask->strangers == STRANGERS_CREATE)
		recorded = names_find(ledger_names(l), NAME_USER, ask->who.user,
		    &id, err);
	if (recorded != 0)
		return recorded < 0 ? -1 : 0;
	return person_unknown(l, ask->who.user, err);
}

static int
decide(struct ledger *l, const struct limit_ask *ask, bool unswept,
    bool lenient, struct limit_answer *a, struct tk_err *err)
{
	struct asking asked = { .L = limits_of(l),
		.ask = ask,
		.unswept = unswept };

	*a = (struct limit_answer){ .reason = "" };
	if (limits_load(asked.L, err) < 0 || look_at_all(&asked, err) < 0 ||
	    check_user(l, ask, asked.any || lenient, err) < 0)
		return -1;
	fill_in(a, &asked);
	return 0;
}

int
limit_check(struct ledger *l, const struct limit_ask *ask,
    struct limit_answer *a, struct tk_err *err)
{
	struct limits *L = limits_of(l);

	/* Others may have changed limits since this ledger was read. */
	if (L->book.n == 0)
		limits_forget(L);
	return decide(l, ask, true, false, a, err);
}

/* What makes two requests the same one. */
static void
fingerprint(const struct limit_ask *ask, uint8_t digest[TK_SHA256_LEN])
{
	const char *text[] = { ask->who.user, ask->who.application,
		ask->who.model, ask->who.key, ask->who.session };
	struct tk_buf b = TK_BUF_INIT;

	for (size_t i = 0; i < TK_LEN(text); i++) {
		tk_buf_add(&b, text[i] != NULL ? "+" : "-", 1);
		if (text[i] != NULL)
			tk_buf_add(&b, text[i], strlen(text[i]) + 1);
	}
	sums_add_wide(&b, ask->tokens);
	sums_add_wide(&b, ask->ttl);
	/* Only the caller's own cost: prices may change meanwhile. */
	sums_add_wide(&b, ask->given ? ask->cost : -1);
	tk_sha256(b.s, b.len, digest);
	tk_buf_release(&b);
}

/* An answer as it is kept with its hold, to be given again. */
static void
pack_answer(struct tk_buf *b, const struct limit_answer *a)
{
	const tk_int128 number[] = { a->bound, a->kind, a->of.scope, a->period,
		a->rolling, a->amount, a->used, a->held, a->remaining,
		a->resets_at, a->priced, a->cost, a->expires_at };

	for (size_t i = 0; i < TK_LEN(number); i++)
		sums_add_wide(b, number[i]);
	tk_buf_add(b, a->bound ? a->of.name : "",
	    strlen(a->bound ? a->of.name : "") + 1);
	tk_buf_add(b, a->bound ? a->of.name2 : "",
	    strlen(a->bound ? a->of.name2 : "") + 1);
}

static bool
unpack_answer(const void *bytes, size_t len, struct limit_answer *a)
{
	const uint8_t *p = bytes, *end = p + len;
	tk_int128 n[13];
	size_t first;

	for (size_t i = 0; i < TK_LEN(n); i++)
		if (!sums_read_wide(&p, end, &n[i]))
			return false;
	if (p >= end || end[-1] != '\0')
		return false;
	first = strlen((const char *)p) + 1;
	if (first >= (size_t)(end - p))
		return false;
	a->allowed = true;
	a->bound = n[0] != 0;
	a->kind = (enum limit_kind)n[1];
	a->of.scope = (enum limit_scope)n[2];
	a->period = (enum limit_period)n[3];
	a->rolling = n[4] != 0;
	a->amount = n[5];
	a->used = n[6];
	a->held = n[7];
	a->remaining = n[8];
	a->resets_at = (int64_t)n[9];
	a->priced = n[10] != 0;
	a->cost = n[11];
	a->expires_at = (int64_t)n[12];
	a->of.name = keep(a, 0, (const char *)p);
	a->of.name2 = keep(a, 1, (const char *)p + first);
	a->repeated = true;
	return true;
}

static const char request_sql[] =
    "SELECT id, body, answer FROM hold WHERE request_id = $1";
static const char answer_sql[] = "UPDATE hold SET answer = $2 WHERE id = $1";

/* 1: answered before, with *a; 0: a new request. */
static int
find_request(struct limits *L, const struct limit_ask *ask,
    const uint8_t digest[TK_SHA256_LEN], struct limit_answer *a,
    struct tk_err *err)
{
	const void *body, *answer;
	size_t len;
	int more;

	*a = (struct limit_answer){ .reason = "" };
	if (store_prepare_once(L->st, &L->hold_request, request_sql, err) < 0)
		return -1;
	stmt_bind_text(L->hold_request, 1, ask->request_id);
	more = stmt_step(L->hold_request, err);
	if (more <= 0)
		return more;
	body = stmt_blob(L->hold_request, 1, &len);
	if (len != TK_SHA256_LEN || memcmp(body, digest, len) != 0) {
		more = tk_fail(err, TK_CONFLICT,
		    "request id '%.200s' was used with another request",
		    ask->request_id);
	} else {
		a->reservation = stmt_int(L->hold_request, 0);
		answer = stmt_blob(L->hold_request, 2, &len);
		if (!unpack_answer(answer, len, a))
			more = tk_fail(err, TK_DATA,
			    "the ledger is damaged: the answer of hold "
			    "r%" PRId64,
			    a->reservation);
	}
	stmt_reset(L->hold_request);
	return more;
}

static int
keep_answer(struct limits *L, const struct limit_answer *a, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	int rc;

	if (store_prepare_once(L->st, &L->hold_answer, answer_sql, err) < 0)
		return -1;
	pack_answer(&b, a);
	stmt_bind_int(L->hold_answer, 1, a->reservation);
	stmt_bind_blob(L->hold_answer, 2, b.s, b.len);
	rc = stmt_step(L->hold_answer, err);
	tk_buf_release(&b);
	return rc;
}

int
limit_reserve(struct ledger *l, const struct limit_ask *ask,
    struct limit_answer *a, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	uint8_t digest[TK_SHA256_LEN];
	struct limit_hold h = { .created = ask->now,
		.who = ask->who,
		.tokens = ask->tokens > 0 ? ask->tokens : 0,
		.cost = money_of(L, ask) };

	if (ask->request_id != NULL) {
		int found;

		fingerprint(ask, digest);
		found = find_request(L, ask, digest, a, err);
		if (found != 0)
			return found < 0 ? -1 : 0;
	}
	if (__builtin_add_overflow(ask->now, ask->ttl, &h.expires))
		h.expires = INT64_MAX;
	if (hold_sweep(L, ask->now, err) < 0 || book_flush(L, err) < 0 ||
	    decide(l, ask, false, true, a, err) < 0)
		return -1;
	if (!a->allowed)
		return 0;
	if (hold_add(L, &h, ask->request_id, digest, sizeof(digest), err) < 0)
		return -1;
	a->reservation = h.id;
	a->expires_at = h.expires;
	if (a->bound) {
		tk_int128 need = a->kind == LIMIT_QUOTA ? h.tokens : h.cost;

		a->held += need;
		a->remaining = a->remaining > need ? a->remaining - need : 0;
	}
	return ask->request_id == NULL ? 0 : keep_answer(L, a, err);
}
