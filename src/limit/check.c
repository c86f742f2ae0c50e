/* Do the counters follow from the records and the holds?  check.h. */
#include "limit/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "limit/limit_int.h"

static const char each_sql[] =
    "SELECT name, name2, session, start, sums FROM counter WHERE tally = $1";
static const char orphan_sql[] = "SELECT count(*) FROM counter"
				 " WHERE tally NOT IN (SELECT id FROM tally)";

/* A map from the key of a counter to its sums. */
static struct tally_sums *
sums_at(struct limit_map *m, size_t tally, const char *name, const char *name2,
    const char *session, int64_t start)
{
	struct tk_buf key = TK_BUF_INIT;
	bool fresh;
	void **at;

	tk_buf_addf(&key, "%zu %" PRId64 " ", tally, start);
	tk_buf_add(&key, name, strlen(name) + 1);
	tk_buf_add(&key, name2, strlen(name2) + 1);
	tk_buf_adds(&key, session);
	at = limit_map_at(m, key.s, key.len, &fresh);
	if (fresh)
		*at = tk_xcalloc(1, sizeof(struct tally_sums));
	tk_buf_release(&key);
	return *at;
}

struct checking {
	struct limits *L;
	void (*fault)(const char *text, void *data);
	void *data;
	int64_t *looked_at;
};

static void
wrong(const struct checking *c, const struct tally *t, const char *name,
    const char *name2)
{
	struct limit_name n = { t->scope, name, name2 };
	struct tk_buf text = TK_BUF_INIT;

	tk_buf_adds(&text, "the counters of ");
	limit_name_add(&text, &n);
	tk_buf_adds(&text, " are not those of the records");
	c->fault(text.s, c->data);
	tk_buf_release(&text);
}

/* Take what is stored from what should be: nothing may be left. */
static int
subtract_stored(struct checking *c, struct limit_map *m, size_t i,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(c->L->st, &q, each_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, c->L->tally[i].id);
	while ((more = stmt_step(q, err)) > 0) {
		struct tally_sums stored, *s;
		size_t len;
		const void *bytes = stmt_blob(q, 4, &len);

		++*c->looked_at;
		/* Not dropped yet, and nobody asks for it (prune.h). */
		if (stmt_int(q, 3) < c->L->tally[i].since)
			continue;
		if (!counter_unpack(bytes, len, &stored)) {
			wrong(c, &c->L->tally[i], stmt_text(q, 0),
			    stmt_text(q, 1));
			continue;
		}
		s = sums_at(m, i, stmt_text(q, 0), stmt_text(q, 1),
		    stmt_text(q, 2), stmt_int(q, 3));
		tally_sums_add(s, &stored, -1);
		if (!tally_sums_zero(s)) {
			wrong(c, &c->L->tally[i], stmt_text(q, 0),
			    stmt_text(q, 1));
			*s = (struct tally_sums){ 0 };
		}
	}
	stmt_free(q);
	return more;
}

static int
find_orphans(struct checking *c, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(c->L->st, &q, orphan_sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	if (more > 0 && stmt_int(q, 0) > 0)
		c->fault("some counters count nothing", c->data);
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

int
limits_check(struct limits *L, void (*fault)(const char *text, void *data),
    void *data, int64_t *looked_at, struct tk_err *err)
{
	struct checking c = { L, fault, data, looked_at };
	struct limit_map m = { 0 };
	struct book b = { 0 };
	int rc = -1;

	limits_changed(L);
	if (limits_load(L, err) < 0 || limits_count(L, &b, 0, err) < 0 ||
	    find_orphans(&c, err) < 0)
		goto out;
	for (size_t i = 0; i < b.n; i++) {
		const struct tally_key *k = &b.v[i].key;

		*sums_at(&m, k->tally, k->name, k->name2, k->session,
		    k->start) = b.v[i].sums;
	}
	for (size_t i = 0; i < L->n; i++)
		if (subtract_stored(&c, &m, i, err) < 0)
			goto out;
	for (size_t i = 0; i < b.n; i++) {
		const struct tally_key *k = &b.v[i].key;

		if (!tally_sums_zero(sums_at(&m, k->tally, k->name, k->name2,
			k->session, k->start)))
			wrong(&c, &L->tally[k->tally], k->name, k->name2);
	}
	rc = 0;
out:
	L->loaded = false;
	limit_map_release(&m, free);
	book_release(&b);
	return rc;
}
