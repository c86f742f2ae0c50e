#include "ledger/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "ledger/audit.h"
#include "ledger/cube.h"
#include "ledger/hooks.h"
#include "ledger/ledger_int.h"

const struct ledger_check_name ledger_check_names[CHECKS] = {
	[CHECK_DATABASE] = { "database", "the database is sound" },
	[CHECK_RECORDS] = { "records", "every record can be read" },
	[CHECK_ROLL_UPS] = { "roll-ups", "the sums are those of the records" },
	[CHECK_CHAIN] = { "chain", "the hash chain fits" },
	[CHECK_IDENTITIES] = { "identities", "every request id is known once" },
	[CHECK_REVERSALS] = { "reversals", "what was taken back was there" },
	[CHECK_AUDIT] = { "audit", "the audit chain fits" },
	[CHECK_COUNTERS] = { "counters", "limits count what records say" },
	[CHECK_ANCHOR] = { "anchor", "nothing was cut off or written anew" },
};

struct new_name {
	uint32_t id;
	enum name_kind kind;
	int64_t since;
	char *text;
};

struct checking {
	struct ledger *l;
	struct ledger_findings *f;
	const struct ledger_anchor *anchor; /* or NULL */
	struct new_name *name;              /* in the order they came */
	size_t names, next;
	int64_t id; /* of the record that comes next */
	uint8_t head[HEAD_SIZE];
	int64_t standing_ids; /* identities that lead to a record */
	/* One bit for each id: a sealed record, whose request is not said. */
	struct tk_buf unsaid;
	struct tk_buf chained;
	struct cube *cube; /* of the records since group began */
};

static void TK_PRINTF(3, 4)
    fault(struct checking *c, enum ledger_check check, const char *fmt, ...)
{
	va_list ap;

	if (c->f->faults[check]++ > 0)
		return;
	va_start(ap, fmt);
	vsnprintf(c->f->first[check], sizeof(c->f->first[check]), fmt, ap);
	va_end(ap);
}

static void
database_fault(const char *text, void *data)
{
	fault(data, CHECK_DATABASE, "%s", text);
}

static void
counter_fault(const char *text, void *data)
{
	fault(data, CHECK_COUNTERS, "%s", text);
}

/* Records that cannot be read cannot be counted: that is said elsewhere. */
static int
check_counters(struct checking *c, struct tk_err *err)
{
	struct tk_err failed = TK_ERR_INIT;

	if (c->f->faults[CHECK_RECORDS] > 0)
		return 0;
	if (ledger_hooks.check(c->l->hooked, counter_fault, c,
		&c->f->looked_at[CHECK_COUNTERS], &failed) == 0)
		return 0;
	if (failed.code != TK_DATA) {
		*err = failed;
		return -1;
	}
	fault(c, CHECK_COUNTERS, "%s", failed.msg);
	return 0;
}

static int
load_names(struct checking *c, struct tk_err *err)
{
	static const char sql[] =
	    "SELECT id, kind, since, name FROM name ORDER BY since, id";
	struct stmt *q = NULL;
	size_t room = 0;
	int more;

	if (store_prepare(c->l->store, &q, sql, err) < 0)
		return -1;
	while ((more = stmt_step(q, err)) > 0) {
		int64_t kind = stmt_int(q, 1);

		if (c->names == room) {
			room = room ? room * 2 : 64;
			c->name =
			    tk_xreallocarray(c->name, room, sizeof(*c->name));
		}
		if (kind < 0 || kind >= NAME_KINDS) {
			fault(c, CHECK_CHAIN, "a name has no kind");
			continue;
		}
		c->name[c->names++] =
		    (struct new_name){ (uint32_t)stmt_int(q, 0),
			    (enum name_kind)kind, stmt_int(q, 2),
			    tk_xstrdup(stmt_text(q, 3)) };
	}
	stmt_free(q);
	return more;
}

/* Take the names that came with record c->id into the chain. */
static void
chain_names(struct checking *c)
{
	tk_buf_reset(&c->chained);
	while (c->next < c->names && c->name[c->next].since == c->id) {
		const struct new_name *n = &c->name[c->next++];

		chain_name(&c->chained, n->kind, n->id, n->text);
	}
}

static void
mark_unsaid(struct checking *c, int64_t id)
{
	static const char zeros[4096];
	size_t byte = (size_t)id / 8;

	if (c->f->faults[CHECK_RECORDS] > 0)
		return; /* an id may be anything then */
	while (c->unsaid.len <= byte)
		tk_buf_add(&c->unsaid, zeros, sizeof(zeros));
	c->unsaid.s[byte] |= (char)(1 << id % 8);
}

static bool
is_unsaid(const struct checking *c, int64_t id)
{
	size_t byte = (size_t)id / 8;

	return id > 0 && byte < c->unsaid.len &&
	    (c->unsaid.s[byte] & 1 << id % 8) != 0;
}

static int
check_identity(struct checking *c, const struct packed_record *v, bool sealed,
    struct tk_err *err)
{
	int64_t id, by;
	int found;

	if (v->r.request_id == NULL) {
		if (sealed)
			mark_unsaid(c, v->r.id);
		return 0;
	}
	c->f->looked_at[CHECK_IDENTITIES]++;
	found = identities_find(c->l->identities, v->r.request_id, &id, err);
	if (found < 0)
		return -1;
	if (found == 0 || id < v->r.id) {
		fault(c, CHECK_IDENTITIES,
		    "the request id of record %" PRId64 " is not known",
		    v->r.id);
		return 0;
	}
	if (id == v->r.id) {
		c->standing_ids++;
		return 0;
	}
	if (ledger_reversed_by(c->l, v->r.id, &by, err) < 0)
		return -1;
	if (by == 0)
		fault(c, CHECK_IDENTITIES,
		    "records %" PRId64 " and %" PRId64
		    " have the same request id",
		    v->r.id, id);
	return 0;
}

static int
check_reversal(struct checking *c, const struct packed_record *v,
    struct tk_err *err)
{
	struct packed_record old;
	struct usage_sums sums = { 0 };
	static const struct usage_sums nothing;
	int64_t by;
	int found;

	if (v->r.reverses == 0)
		return 0;
	c->f->looked_at[CHECK_REVERSALS]++;
	found = segments_fetch(c->l->segments, v->r.reverses, &old, err);
	if (found < 0 && err->code == TK_DATA)
		found = 0; /* it is in a segment that cannot be read */
	if (found < 0 || ledger_reversed_by(c->l, v->r.reverses, &by, err) < 0)
		return -1;
	sums_add_record(&sums, &v->r, false);
	if (found > 0)
		sums_add_record(&sums, &old.r, false);
	if (found == 0 || by != v->r.id || !sums_equal(&sums, &nothing) ||
	    old.r.time != v->r.time)
		fault(c, CHECK_REVERSALS,
		    "record %" PRId64 " does not take back record %" PRId64,
		    v->r.id, v->r.reverses);
	return 0;
}

/* What a segment says about itself. */
struct segment_row {
	int64_t first_id, n, t_min, t_max;
	const uint8_t *data, *end;
	const uint8_t *head;
	size_t head_len;
};

static bool
is_sealed(const struct segment_row *s)
{
	return s->head_len == SEALED_SIZE;
}

/* Ids and counts far from where they overflow. */
static bool
is_possible(struct checking *c, const struct segment_row *s)
{
	const int64_t most = INT64_MAX / 2;

	if (s->first_id > 0 && s->first_id < most && s->n > 0 && s->n < most)
		return true;
	fault(c, CHECK_RECORDS,
	    "a segment cannot begin with record %" PRId64 " and hold %" PRId64,
	    s->first_id, s->n);
	return false;
}

/* A chain was anchored here: it must still be the same. */
static void
check_anchor(struct checking *c, const uint8_t head[HEAD_SIZE],
    const char *anchored, const char *what)
{
	char now[65];

	c->f->looked_at[CHECK_ANCHOR]++;
	tk_sha256_hex(head, now);
	if (strcmp(now, anchored) != 0)
		fault(c, CHECK_ANCHOR, "the %s were written anew", what);
}

/* The last record of a group has been read. */
static int
check_cube(struct checking *c, struct tk_err *err)
{
	int64_t group = cube_group_of(c->id);
	int same = cube_check(c->cube, c->l->store, group, err);

	c->f->looked_at[CHECK_ROLL_UPS]++;
	if (same == 0)
		fault(c, CHECK_ROLL_UPS,
		    "the sums by name of the records from %" PRId64
		    " on are wrong",
		    group * CUBE_GROUP + 1);
	return same < 0 ? -1 : 0;
}

static int
check_records(struct checking *c, const struct segment_row *s,
    struct tk_err *err)
{
	int64_t t_min = INT64_MAX, t_max = INT64_MIN, n = 0;
	const uint8_t *p = s->data;

	if (s->first_id != c->id)
		fault(c, CHECK_RECORDS,
		    "records %" PRId64 " to %" PRId64 " are missing", c->id,
		    s->first_id - 1);
	for (c->id = s->first_id; p < s->end; c->id++, n++) {
		const uint8_t *start = p;
		struct packed_record v;

		if (!pack_read(&p, s->end, &v)) {
			fault(c, CHECK_RECORDS,
			    "record %" PRId64 " cannot be read", c->id);
			break;
		}
		v.r.id = c->id;
		t_min = v.r.time < t_min ? v.r.time : t_min;
		t_max = v.r.time > t_max ? v.r.time : t_max;
		chain_names(c);
		chain_step(c->head, &c->chained, start, (size_t)(p - start));
		c->f->looked_at[CHECK_RECORDS]++;
		if (c->anchor != NULL && c->id == c->anchor->records &&
		    !is_sealed(s))
			check_anchor(c, c->head, c->anchor->head, "records");
		if (check_identity(c, &v, is_sealed(s), err) < 0 ||
		    check_reversal(c, &v, err) < 0)
			return -1;
		cube_add(c->cube, &v);
		if (c->id % CUBE_GROUP == 0 && check_cube(c, err) < 0)
			return -1;
	}
	if (n != s->n || t_min != s->t_min || t_max != s->t_max)
		fault(c, CHECK_RECORDS,
		    "the segment of record %" PRId64
		    " is not what it says of itself",
		    s->first_id);
	c->id = s->first_id + s->n;
	return 0;
}

static void
check_slots(struct checking *c, const struct segment_row *s,
    const struct stmt *q)
{
	struct tk_buf b = TK_BUF_INIT;
	const void *said;
	size_t len;

	if (stmt_is_null(q, 5)) {
		if (s->n >= SEGMENT_SMALL_GROUP)
			fault(c, CHECK_ROLL_UPS,
			    "the sums of the records from %" PRId64
			    " on are missing",
			    s->first_id);
		return;
	}
	c->f->looked_at[CHECK_ROLL_UPS]++;
	said = stmt_blob(q, 5, &len);
	if (!slots_build(&b, s->data, (size_t)(s->end - s->data), s->n) ||
	    b.len != len || memcmp(b.s, said, len) != 0)
		fault(c, CHECK_ROLL_UPS,
		    "the sums of the records from %" PRId64 " on are wrong",
		    s->first_id);
	tk_buf_release(&b);
}

/* The chain after the last record of a segment, or its seal. */
static void
check_head(struct checking *c, const struct segment_row *s)
{
	uint8_t head[SEALED_SIZE];
	bool same = s->head_len == HEAD_SIZE || is_sealed(s);

	c->f->looked_at[CHECK_CHAIN]++;
	memcpy(head, c->head, HEAD_SIZE);
	if (same && is_sealed(s)) {
		memcpy(head, s->head, HEAD_SIZE);
		segment_seal(head, s->data, (size_t)(s->end - s->data));
		memcpy(c->head, head, HEAD_SIZE);
		if (c->anchor != NULL && c->id - 1 == c->anchor->records)
			check_anchor(c, head, c->anchor->head, "records");
	}
	if (same && memcmp(s->head, head, s->head_len) == 0)
		return;
	fault(c, CHECK_CHAIN,
	    "records %" PRId64 " to %" PRId64 " are not what was written",
	    s->first_id, s->first_id + s->n - 1);
	if (same)
		memcpy(c->head, s->head, HEAD_SIZE);
}

static int
check_segments(struct checking *c, struct tk_err *err)
{
	static const char sql[] =
	    "SELECT first_id, n, t_min, t_max, head, slots, data"
	    "  FROM segment"
	    " ORDER BY first_id";
	struct stmt *q = NULL;
	int more;

	if (store_prepare(c->l->store, &q, sql, err) < 0)
		return -1;
	while ((more = stmt_step(q, err)) > 0) {
		struct segment_row s = { stmt_int(q, 0), stmt_int(q, 1),
			stmt_int(q, 2), stmt_int(q, 3), NULL, NULL, NULL, 0 };
		size_t len;

		s.data = stmt_blob(q, 6, &len);
		s.end = s.data + len;
		s.head = stmt_blob(q, 4, &s.head_len);
		if (!is_possible(c, &s))
			continue;
		if (check_records(c, &s, err) < 0) {
			more = -1;
			break;
		}
		check_slots(c, &s, q);
		check_head(c, &s);
	}
	stmt_free(q);
	return more;
}

static int
count(struct checking *c, const char *sql, int64_t *n, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(c->l->store, &q, sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	*n = more > 0 ? stmt_int(q, 0) : 0;
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

/* How many identities lead to records that do not say their request. */
static int
count_unsaid(struct checking *c, int64_t *n, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more = 0;

	*n = 0;
	if (c->unsaid.len == 0)
		return 0;
	if (store_prepare(c->l->store, &q, "SELECT id FROM identity", err) < 0)
		return -1;
	while ((more = stmt_step(q, err)) > 0)
		*n += is_unsaid(c, stmt_int(q, 0));
	stmt_free(q);
	return more;
}

static int
check_counts(struct checking *c, struct tk_err *err)
{
	int64_t identities, reversed, unsaid;

	if (count_unsaid(c, &unsaid, err) < 0)
		return -1;
	c->standing_ids += unsaid;
	c->f->looked_at[CHECK_IDENTITIES] += unsaid;
	if (count(c, "SELECT count(*) FROM identity", &identities, err) < 0 ||
	    count(c, "SELECT count(*) FROM reversed", &reversed, err) < 0)
		return -1;
	if (identities != c->standing_ids)
		fault(c, CHECK_IDENTITIES,
		    "%" PRId64 " request ids are known, %" PRId64
		    " records have one",
		    identities, c->standing_ids);
	if (reversed != c->f->looked_at[CHECK_REVERSALS])
		fault(c, CHECK_REVERSALS,
		    "%" PRId64 " records are marked, %" PRId64
		    " were taken back",
		    reversed, c->f->looked_at[CHECK_REVERSALS]);
	if (c->next < c->names)
		fault(c, CHECK_CHAIN, "the name '%.60s' came with no record",
		    c->name[c->next].text);
	return 0;
}

static int
check_audit(const struct audit_entry *e, void *data)
{
	struct checking *c = data;

	c->f->looked_at[CHECK_AUDIT]++;
	c->f->audit_entries = e->seq;
	tk_sha256_hex(e->head, c->f->audit_head);
	if (e->broken)
		fault(c, CHECK_AUDIT,
		    "entry %" PRId64 " is not what was written", e->seq);
	if (c->anchor != NULL && e->seq == c->anchor->audit_entries)
		check_anchor(c, e->head, c->anchor->audit_head,
		    "entries of the audit chain");
	return 0;
}

/* What was anchored is there; that it is the same was looked at before. */
static void
check_cut(struct checking *c)
{
	const struct ledger_anchor *a = c->anchor;

	if (a == NULL)
		return;
	if (c->id - 1 < a->records)
		fault(c, CHECK_ANCHOR,
		    "%" PRId64 " records were cut off at the end",
		    a->records - (c->id - 1));
	if (c->f->audit_entries < a->audit_entries)
		fault(c, CHECK_ANCHOR,
		    "%" PRId64 " entries of the audit chain were cut off",
		    a->audit_entries - c->f->audit_entries);
}

int
ledger_check(struct ledger *l, const struct ledger_anchor *anchor,
    struct ledger_findings *f, struct tk_err *err)
{
	struct checking c = { .l = l,
		.f = f,
		.anchor = anchor,
		.id = 1,
		.chained = TK_BUF_INIT,
		.unsaid = TK_BUF_INIT,
		.cube = cube_new() };
	int rc = -1;

	*f = (struct ledger_findings){ 0 };
	f->looked_at[CHECK_DATABASE] = 1;
	if (store_begin_read(l->store, err) < 0)
		goto out;
	if (store_check(l->store, database_fault, &c, err) == 0 &&
	    load_names(&c, err) == 0 && check_segments(&c, err) == 0 &&
	    check_counts(&c, err) == 0 &&
	    audit_each(l, check_audit, &c, err) == 0 &&
	    check_counters(&c, err) == 0)
		rc = 0;
	check_cut(&c);
	store_end_read(l->store);
	f->records = c.id - 1;
	tk_sha256_hex(c.head, f->head);
out:
	for (size_t i = 0; i < c.names; i++)
		free(c.name[i].text);
	free(c.name);
	tk_buf_release(&c.chained);
	tk_buf_release(&c.unsaid);
	cube_free(c.cube);
	return rc;
}
