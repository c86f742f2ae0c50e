#include "ledger/identity.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "store/store.h"

struct key {
	int64_t h;
	int64_t more;
};

/* One that was expected, and what the database says of it. */
struct expected {
	struct key key;
	int64_t id;   /* 0: it is new */
	bool enter;   /* it was entered since, but is not written yet */
	bool shared;  /* another key has its h: left to the database */
	uint32_t ask; /* the first time it was asked for */
};

struct identities {
	struct store *store;
	struct stmt *enter, *find, *move;
	struct expected *expected; /* by h */
	size_t n, room;
	const char **asked; /* as they were given to identities_expect() */
	uint32_t *place;    /* of each of them, in expected */
	size_t asks, next;  /* how many, and which should come now */
};

static const char enter_sql[] =
    "INSERT INTO identity (h, more, id) VALUES ($1, $2, $3)"
    " ON CONFLICT (h) DO NOTHING";
static const char find_sql[] = "SELECT more, id FROM identity WHERE h = $1";
static const char move_sql[] = "UPDATE identity SET id = $2 WHERE h = $1";

struct identities *
identities_new(struct store *st)
{
	struct identities *s = tk_xcalloc(1, sizeof(*s));

	s->store = st;
	return s;
}

void
identities_free(struct identities *s)
{
	if (s == NULL)
		return;
	stmt_free(s->enter);
	stmt_free(s->find);
	stmt_free(s->move);
	free(s->expected);
	free(s->asked);
	free(s->place);
	free(s);
}

static struct key
key_of(const char *request_id)
{
	uint8_t digest[TK_SHA256_LEN];
	uint64_t h = 0, more = 0;

	tk_sha256(request_id, strlen(request_id), digest);
	for (int i = 0; i < 8; i++)
		h = h << 8 | digest[i];
	for (int i = 8; i < 12; i++)
		more = more << 8 | digest[i];
	return (struct key){ (int64_t)h, (int64_t)more };
}

/* Two with the same h: the second has the next number. */
static void
next(struct key *k)
{
	k->h = k->h == INT64_MAX ? INT64_MIN : k->h + 1;
}

/* 1: this h is taken by the same key; 2: by another one; 0: free. */
static int
look(struct identities *s, const struct key *k, int64_t *id, struct tk_err *err)
{
	int more, same;

	if (store_prepare_once(s->store, &s->find, find_sql, err) < 0)
		return -1;
	stmt_bind_int(s->find, 1, k->h);
	more = stmt_step(s->find, err);
	if (more <= 0)
		return more;
	same = stmt_int(s->find, 0) == k->more;
	*id = stmt_int(s->find, 1);
	stmt_reset(s->find);
	return same ? 1 : 2;
}

static int
by_h(const void *a, const void *b)
{
	const struct expected *x = a, *y = b;

	if (x->key.h != y->key.h)
		return x->key.h < y->key.h ? -1 : 1;
	return x->key.more < y->key.more ? -1 : x->key.more > y->key.more;
}

/* What is known of an expected key; NULL: ask the database. */
static struct expected *
find_expected(struct identities *s, const struct key *k)
{
	struct expected wanted = { .key = *k };
	struct expected *e = NULL;

	if (s->n > 0)
		e = bsearch(&wanted, s->expected, s->n, sizeof(*s->expected),
		    by_h);
	return e == NULL || e->shared ? NULL : e;
}

/* Keep one of each key, and where each that was asked for went. */
static void
fold(struct identities *s, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct expected *e = &s->expected[i];

		if (kept == 0 || by_h(&s->expected[kept - 1], e) != 0)
			s->expected[kept++] = *e;
		s->place[e->ask] = (uint32_t)kept - 1;
	}
	s->n = kept;
}

int
identities_expect(struct identities *s, const char *const *request_id, size_t n,
    struct tk_err *err)
{
	if (identities_flush(s, err) < 0)
		return -1;
	identities_forget(s);
	if (n > s->room) {
		s->room = n;
		s->expected =
		    tk_xreallocarray(s->expected, n, sizeof(*s->expected));
		s->asked = tk_xreallocarray(s->asked, n, sizeof(*s->asked));
		s->place = tk_xreallocarray(s->place, n, sizeof(*s->place));
	}
	for (size_t i = 0; i < n; i++) {
		s->asked[i] = request_id[i];
		s->expected[i] =
		    (struct expected){ .key = key_of(request_id[i]),
			    .ask = (uint32_t)i };
	}
	if (n > 0)
		qsort(s->expected, n, sizeof(*s->expected), by_h);
	fold(s, n);
	s->asks = n;
	for (size_t i = 0; i < s->n; i++) {
		struct expected *e = &s->expected[i];
		int taken = look(s, &e->key, &e->id, err);

		if (taken < 0)
			return -1;
		if (taken == 2 || (i > 0 && e[-1].key.h == e->key.h))
			e->shared = true;
	}
	return 0;
}

void
identities_forget(struct identities *s)
{
	s->n = s->asks = s->next = 0;
}

/* Enter a key in the database itself. */
static int
enter(struct identities *s, struct key k, int64_t id, int64_t *known,
    struct tk_err *err)
{
	if (store_prepare_once(s->store, &s->enter, enter_sql, err) < 0)
		return -1;
	for (;; next(&k)) {
		int taken;

		stmt_bind_int(s->enter, 1, k.h);
		stmt_bind_int(s->enter, 2, k.more);
		stmt_bind_int(s->enter, 3, id);
		if (stmt_step(s->enter, err) < 0)
			return -1;
		if (store_changes(s->store) > 0)
			return 1;
		taken = look(s, &k, known, err);
		if (taken < 2)
			return taken < 0 ? -1 : 0;
	}
}

enum { LOOK_AHEAD = 8 }; /* records that were asked for and not entered */

/* The one whose turn it is, if this is its text; NULL otherwise. */
static struct expected *
next_expected(struct identities *s, const char *request_id)
{
	for (size_t i = s->next; i < s->asks && i < s->next + LOOK_AHEAD; i++) {
		struct expected *e;

		if (s->asked[i] != request_id)
			continue;
		s->next = i + 1;
		e = &s->expected[s->place[i]];
		return e->shared ? NULL : e;
	}
	return NULL;
}

int
identities_flush(struct identities *s, struct tk_err *err)
{
	int64_t known;

	for (size_t i = 0; i < s->n; i++) {
		struct expected *e = &s->expected[i];

		if (e->enter && enter(s, e->key, e->id, &known, err) < 0)
			return -1;
		e->enter = false;
	}
	return 0;
}

int
identities_enter(struct identities *s, const char *request_id, int64_t id,
    int64_t *known, struct tk_err *err)
{
	struct expected *e = next_expected(s, request_id);

	if (e == NULL) {
		struct key k = key_of(request_id);

		e = find_expected(s, &k);
		if (e == NULL)
			return enter(s, k, id, known, err);
	}
	if (e->id != 0) {
		*known = e->id;
		return 0;
	}
	e->id = id;
	e->enter = true;
	return 1;
}

static int
find_key(struct identities *s, struct key *k, int64_t *id, struct tk_err *err)
{
	int taken;

	while ((taken = look(s, k, id, err)) == 2)
		next(k);
	return taken;
}

int
identities_find(struct identities *s, const char *request_id, int64_t *id,
    struct tk_err *err)
{
	struct key k = key_of(request_id);
	struct expected *e = find_expected(s, &k);

	if (e == NULL)
		return find_key(s, &k, id, err);
	*id = e->id;
	return e->id != 0;
}

int
identities_move(struct identities *s, const char *request_id, int64_t id,
    struct tk_err *err)
{
	struct key k = key_of(request_id);
	struct expected *e = find_expected(s, &k);
	int64_t was;

	if (e != NULL)
		e->id = id;
	if (e != NULL && e->enter)
		return 0;
	if (find_key(s, &k, &was, err) < 0 ||
	    store_prepare_once(s->store, &s->move, move_sql, err) < 0)
		return -1;
	stmt_bind_int(s->move, 1, k.h);
	stmt_bind_int(s->move, 2, id);
	return stmt_step(s->move, err);
}
