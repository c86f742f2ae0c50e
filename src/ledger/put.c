/* Booking records, taking them back, and finding them again: ledger.h. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/audit.h"
#include "ledger/hooks.h"
#include "ledger/ledger_int.h"
#include "ledger/retain.h"

static const char reverse_sql[] =
    "INSERT INTO reversed (id, by_id) VALUES ($1, $2)";
static const char reversed_sql[] = "SELECT by_id FROM reversed WHERE id = $1";

int
ledger_find(struct ledger *l, const char *request_id, int64_t *id,
    struct tk_err *err)
{
	return identities_find(l->identities, request_id, id, err);
}

static int
append(struct ledger *l, struct usage_record *r,
    const uint32_t name[NAME_KINDS], struct tk_err *err)
{
	struct usage_record packed = *r;

	/* Written down as the usual value: that there is no cost says it. */
	if (r->cost == RECORD_UNKNOWN)
		packed.cost_origin = COST_PRICED;
	r->id = segments_append(l->segments, &packed, name, &l->new_names);
	tk_buf_reset(&l->new_names);
	return ledger_hooks.appended(l->hooked, r, name, err);
}

static int
intern(struct ledger *l, const struct usage_record *r,
    uint32_t name[NAME_KINDS], struct tk_err *err)
{
	int64_t id = l->segments->last_id + 1;

	for (int kind = 0; kind < NAME_KINDS; kind++) {
		const char *text = pack_name_of(r, (enum name_kind)kind);
		int found;

		name[kind] = 0;
		if (text == NULL)
			continue;
		found = names_find(l->names, (enum name_kind)kind, text,
		    &name[kind], err);
		if (found < 0)
			return -1;
		if (found > 0)
			continue;
		if (names_intern(l->names, (enum name_kind)kind, text, id,
			&name[kind], err) < 0)
			return -1;
		chain_name(&l->new_names, (enum name_kind)kind, name[kind],
		    text);
	}
	return 0;
}

int
ledger_resolve(struct ledger *l, struct packed_record *v, uint32_t kinds,
    struct tk_err *err)
{
	for (; kinds != 0; kinds &= kinds - 1) {
		int kind = __builtin_ctz(kinds);
		char *at = (char *)&v->r + pack_names[kind].offset;

		if (names_text(l->names, v->name[kind],
			(const char **)(void *)at, err) < 0)
			return -1;
	}
	return 0;
}

/* Append the opposite of a record; *id is the new record's. */
static int
take_back(struct ledger *l, const struct packed_record *old, int64_t *id,
    struct tk_err *err)
{
	struct usage_record r = old->r;

	for (const struct record_field *f = record_fields; f->key; f++)
		if (f->type == RECORD_COUNT &&
		    __builtin_sub_overflow(0, *record_int(&r, f),
			record_int(&r, f)))
			return tk_fail(err, TK_DATA,
			    "the ledger is damaged: record %" PRId64, r.id);
	if (r.cost != RECORD_UNKNOWN)
		r.cost = -r.cost;
	r.requests = -r.requests;
	r.reverses = old->r.id;
	r.latency_ms = r.first_token_ms = RECORD_UNKNOWN;
	r.estimated_input_tokens = RECORD_UNKNOWN;
	r.request_id = r.tools = r.metadata = NULL;
	if (append(l, &r, old->name, err) < 0)
		return -1;
	*id = r.id;
	if (store_prepare_once(l->store, &l->reverse, reverse_sql, err) < 0)
		return -1;
	stmt_bind_int(l->reverse, 1, old->r.id);
	stmt_bind_int(l->reverse, 2, *id);
	return stmt_step(l->reverse, err);
}

int
ledger_reversed_by(struct ledger *l, int64_t id, int64_t *by,
    struct tk_err *err)
{
	int more;

	*by = 0;
	if (store_prepare_once(l->store, &l->reversed, reversed_sql, err) < 0)
		return -1;
	stmt_bind_int(l->reversed, 1, id);
	more = stmt_step(l->reversed, err);
	if (more > 0) {
		*by = stmt_int(l->reversed, 0);
		stmt_reset(l->reversed);
	}
	return more < 0 ? -1 : 0;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_told(const struct usage_record *r, const struct record_field *f)
{
	return !r->provider_derived ||
	    f->offset != offsetof(struct usage_record, provider);
}

/* Is b, which comes, the known call a, as its sender tells it?  What tokctl
 * worked out by itself (id, price, provider) is not compared. */
static bool
same_body(const struct usage_record *a, const struct usage_record *b,
    bool timed)
{
	if (a->cost_origin == COST_GIVEN || b->cost_origin == COST_GIVEN)
		if (a->cost != b->cost || a->cost_origin != b->cost_origin)
			return false;
	for (const struct record_field *f = record_fields; f->key; f++) {
		struct usage_record *ra = (struct usage_record *)(uintptr_t)a;
		struct usage_record *rb = (struct usage_record *)(uintptr_t)b;

		switch (f->type) {
		case RECORD_NAME:
		case RECORD_TEXT:
		case RECORD_OBJECT:
			if (is_told(b, f) &&
			    !same_text(*record_text(ra, f),
				*record_text(rb, f)))
				return false;
			break;
		case RECORD_CHOICE:
			if (f->choices == record_origins)
				break;
			/* fall through */
		case RECORD_COUNT:
		case RECORD_NUMBER:
			if (*record_int(ra, f) != *record_int(rb, f))
				return false;
			break;
		case RECORD_TIME:
			if (timed && a->time != b->time)
				return false;
			break;
		case RECORD_COST:
			break;
		}
	}
	return true;
}

/* Copies of the texts of an old record: what it was read from may go. */
static void
keep_texts(struct packed_record *v, char *copy[3])
{
	const char **text[3] = { &v->r.request_id, &v->r.tools,
		&v->r.metadata };

	for (int i = 0; i < 3; i++) {
		copy[i] = *text[i] ? tk_xstrdup(*text[i]) : NULL;
		*text[i] = copy[i];
	}
}

/* Book a record in place of an old one. */
static int
replace(struct ledger *l, const struct packed_record *old,
    struct usage_record *r, struct tk_err *err)
{
	uint32_t name[NAME_KINDS];
	int64_t by;

	if (take_back(l, old, &by, err) < 0 || intern(l, r, name, err) < 0)
		return -1;
	r->requests = 1;
	r->reverses = 0;
	if (append(l, r, name, err) < 0)
		return -1;
	return r->request_id == NULL
	    ? 0
	    : identities_move(l->identities, r->request_id, r->id, err);
}

static int
put_known(struct ledger *l, int64_t known, struct usage_record *r,
    enum ledger_rule rule, enum ledger_result *result, struct tk_err *err)
{
	struct usage_record merged;
	struct packed_record old;
	char *copy[3] = { NULL };
	int64_t by;
	int rc = -1;

	*result = LEDGER_KNOWN;
	r->id = known;
	rc = segments_fetch(l->segments, known, &old, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return tk_fail(err, TK_DATA,
		    "the ledger is damaged: record %" PRId64 " is missing",
		    known);
	rc = -1;
	keep_texts(&old, copy);
	if (ledger_resolve(l, &old, LEDGER_ALL_NAMES, err) < 0 ||
	    ledger_reversed_by(l, known, &by, err) < 0)
		goto out;
	if (rule != LEDGER_MERGE) {
		struct usage_record body = *r;

		/* Its detail was dropped: that is not compared. */
		if (old.r.request_id == NULL)
			ledger_thin(&body);
		rc = 0;
		if (!same_body(&old.r, &body, rule == LEDGER_STRICT)) {
			rc = tk_fail(err, TK_CONFLICT,
			    "request id '%s' was recorded with another body",
			    r->request_id);
			tk_hint(err, "see 'tokctl usage show %" PRId64 "'",
			    known);
		}
		goto out;
	}
	merged = old.r;
	rc = 0;
	if (by != 0 || !ledger_merge(&merged, r))
		goto out;
	merged.request_id = r->request_id;
	rc = -1;
	if (l->price != NULL && merged.cost_origin != COST_GIVEN &&
	    l->price(&merged, l->price_data, err) < 0)
		goto out;
	rc = replace(l, &old, &merged, err);
	r->id = merged.id;
	*result = LEDGER_UPDATED;
out:
	for (int i = 0; i < 3; i++)
		free(copy[i]);
	return rc;
}

/* An empty name is no name. */
static void
drop_empty_names(struct usage_record *r)
{
	for (const struct record_field *f = record_fields; f->key; f++) {
		const char **name = record_text(r, f);

		if (f->type == RECORD_NAME && *name != NULL && **name == '\0')
			*name = NULL;
	}
}

int
ledger_expect(struct ledger *l, const char *const *request_id, size_t n,
    struct tk_err *err)
{
	assert(l->begun);
	return identities_expect(l->identities, request_id, n, err);
}

int
ledger_put(struct ledger *l, struct usage_record *r, enum ledger_rule rule,
    enum ledger_result *result, struct tk_err *err)
{
	uint32_t name[NAME_KINDS];
	int64_t known;
	int is_new = 1;

	assert(l->begun);
	if (ledger_accepts(r, err) < 0 ||
	    segments_find_end(l->segments, err) < 0)
		return -1;
	drop_empty_names(r);
	if (r->request_id != NULL)
		is_new = identities_enter(l->identities, r->request_id,
		    l->segments->last_id + 1, &known, err);
	if (is_new < 0)
		return -1;
	if (is_new == 0)
		return put_known(l, known, r, rule, result, err);
	if (intern(l, r, name, err) < 0)
		return -1;
	*result = LEDGER_NEW;
	r->requests = 1;
	r->reverses = 0;
	return append(l, r, name, err);
}

static int
get_packed(struct ledger *l, int64_t id, struct packed_record *v,
    struct tk_err *err)
{
	int found = segments_fetch(l->segments, id, v, err);

	if (found > 0 && ledger_resolve(l, v, LEDGER_ALL_NAMES, err) < 0)
		return -1;
	return found;
}

int
ledger_get(struct ledger *l, int64_t id, struct usage_record *r,
    struct tk_err *err)
{
	struct packed_record v;
	int found = get_packed(l, id, &v, err);

	if (found > 0)
		*r = v.r;
	return found;
}

/* The record that id names, if it may be taken back. */
static int
get_standing(struct ledger *l, int64_t id, struct packed_record *v,
    struct tk_err *err)
{
	int64_t by;
	int found = -1;

	if (segments_find_end(l->segments, err) == 0)
		found = get_packed(l, id, v, err);
	if (found < 0)
		return -1;
	if (found == 0) {
		tk_fail(err, TK_NOTFOUND, "no record %" PRId64, id);
		return tk_hint(err, "ids are in 'tokctl usage list'");
	}
	if (v->r.reverses != 0)
		return tk_fail(err, TK_DATA,
		    "record %" PRId64 " takes back record %" PRId64
		    " and cannot be taken back itself",
		    id, v->r.reverses);
	if (ledger_reversed_by(l, id, &by, err) < 0)
		return -1;
	if (by != 0)
		return tk_fail(err, TK_DATA,
		    "record %" PRId64 " was taken back before, by record "
		    "%" PRId64,
		    id, by);
	return 0;
}

int
ledger_void(struct ledger *l, int64_t id, const char *detail,
    const struct ledger_actor *actor, struct tk_err *err)
{
	struct tk_buf object = TK_BUF_INIT;
	struct packed_record old;
	int64_t by;
	int rc = -1;

	assert(l->begun);
	tk_buf_addf(&object, "record %" PRId64, id);
	if (get_standing(l, id, &old, err) == 0 &&
	    take_back(l, &old, &by, err) == 0)
		rc = audit_add(l, actor, "usage.void", object.s, detail, err);
	tk_buf_release(&object);
	return rc;
}

int
ledger_reprice(struct ledger *l, int64_t id, int64_t cost, struct tk_err *err)
{
	struct packed_record old;
	struct usage_record r;
	char *copy[3];
	int rc;

	assert(l->begun);
	if (get_standing(l, id, &old, err) < 0)
		return -1;
	keep_texts(&old, copy);
	r = old.r;
	r.cost = cost;
	r.cost_origin = COST_PRICED;
	rc = replace(l, &old, &r, err);
	for (int i = 0; i < 3; i++)
		free(copy[i]);
	return rc;
}
