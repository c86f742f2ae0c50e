#include "ledger/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "store/store.h"

struct identities {
	struct store *store;
	struct stmt *enter, *find, *move;
};

struct key {
	int64_t h;
	int64_t more;
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
	free(s);
}

static int
prepare(struct identities *s, struct stmt **q, const char *sql,
    struct tk_err *err)
{
	return *q != NULL ? 0 : store_prepare(s->store, q, sql, err);
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

	if (prepare(s, &s->find, find_sql, err) < 0)
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

int
identities_enter(struct identities *s, const char *request_id, int64_t id,
    int64_t *known, struct tk_err *err)
{
	if (prepare(s, &s->enter, enter_sql, err) < 0)
		return -1;
	for (struct key k = key_of(request_id);; next(&k)) {
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

static int
find_key(struct identities *s, const char *request_id, struct key *k,
    int64_t *id, struct tk_err *err)
{
	int taken;

	for (*k = key_of(request_id); (taken = look(s, k, id, err)) == 2;)
		next(k);
	return taken;
}

int
identities_find(struct identities *s, const char *request_id, int64_t *id,
    struct tk_err *err)
{
	struct key k;

	return find_key(s, request_id, &k, id, err);
}

int
identities_move(struct identities *s, const char *request_id, int64_t id,
    struct tk_err *err)
{
	struct key k;
	int64_t was;

	if (find_key(s, request_id, &k, &was, err) < 0 ||
	    prepare(s, &s->move, move_sql, err) < 0)
		return -1;
	stmt_bind_int(s->move, 1, k.h);
	stmt_bind_int(s->move, 2, id);
	return stmt_step(s->move, err);
}
