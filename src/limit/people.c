/* Users and departments: people.h. */
#include "limit/people.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "ledger/audit.h"
#include "ledger/names.h"
#include "ledger/record.h"
#include "limit/detail.h"
#include "limit/limit_int.h"

const struct tk_choice person_roles[] = {
	{ "user", ROLE_USER },
	{ "manager", ROLE_MANAGER },
	{ "admin", ROLE_ADMIN },
	{ NULL, 0 },
};

static const char person_sql[] =
    "SELECT name, email, full_name, role, added, removed, notify"
    "  FROM person WHERE name = $1";
static const char removed_sql[] = "SELECT removed FROM person WHERE name = $1";
static const char people_sql[] =
    "SELECT name, email, full_name, role, added, removed, notify"
    "  FROM person ORDER BY name";
static const char put_sql[] =
    "INSERT INTO person (name, email, full_name, role, added, removed,"
    "                    notify)"
    " VALUES ($1, $2, $3, $4, $5, NULL, $6)"
    " ON CONFLICT (name) DO UPDATE SET email = excluded.email,"
    "  full_name = excluded.full_name, role = excluded.role,"
    "  added = excluded.added, removed = NULL, notify = excluded.notify";
static const char remove_sql[] =
    "UPDATE person SET removed = $2 WHERE name = $1";

static void
read_person(const struct stmt *q, struct person *p)
{
	*p = (struct person){ .name = stmt_text(q, 0),
		.email = stmt_text_or_null(q, 1),
		.full_name = stmt_text_or_null(q, 2),
		.role = (enum person_role)stmt_int(q, 3),
		.listed = true,
		.added = stmt_int(q, 4),
		.removed = stmt_int(q, 5),
		.notify = stmt_text_or_null(q, 6) };
	if (p->role > ROLE_ADMIN)
		p->role = ROLE_USER;
}

/* With texts of its own: who is told of it may write. */
static void
keep_person(struct person *p)
{
	const char **const text[] = { &p->name, &p->email, &p->full_name,
		&p->notify };

	for (size_t i = 0; i < TK_LEN(text); i++)
		if (*text[i] != NULL)
			*text[i] = tk_xstrdup(*text[i]);
}

static void
free_person(struct person *p)
{
	const char *const text[] = { p->name, p->email, p->full_name,
		p->notify };

	for (size_t i = 0; i < TK_LEN(text); i++)
		free((char *)(uintptr_t)text[i]);
}

static int
visit(struct limits *L, const struct person *kept, int64_t now,
    person_visit_fn *fn, void *data, struct tk_err *err)
{
	struct person p = *kept;

	if (limits_department(L, p.name, now, &p.department, err) < 0)
		return -1;
	return fn(&p, data, err);
}

int
person_get(struct ledger *l, const char *name, int64_t now, person_visit_fn *fn,
    void *data, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct stmt *q = NULL;
	struct person p;
	int more;

	if (store_prepare(L->st, &q, person_sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, name);
	more = stmt_step(q, err);
	if (more > 0) {
		read_person(q, &p);
		keep_person(&p);
	}
	stmt_free(q);
	if (more <= 0)
		return more;
	if (visit(L, &p, now, fn, data, err) < 0)
		more = -1;
	free_person(&p);
	return more;
}

struct crowd {
	struct person *v;
	size_t n, room;
};

static struct person *
join_crowd(struct crowd *c)
{
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->v = tk_xreallocarray(c->v, c->room, sizeof(*c->v));
	}
	return &c->v[c->n++];
}

static int
collect(const char *name, void *data)
{
	*join_crowd(data) = (struct person){ .name = tk_xstrdup(name) };
	return 0;
}

static int
collect_listed(struct limits *L, struct crowd *c, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(L->st, &q, people_sql, err) < 0)
		return -1;
	while ((more = stmt_step(q, err)) > 0) {
		struct person *p = join_crowd(c);

		read_person(q, p);
		keep_person(p);
	}
	stmt_free(q);
	return more;
}

/* Who was added comes before the same name as records have it. */
static int
by_name(const void *a_, const void *b_)
{
	const struct person *a = a_, *b = b_;
	int c = strcmp(a->name, b->name);

	return c != 0 ? c : (int)b->listed - (int)a->listed;
}

int
people_each(struct ledger *l, int64_t now, person_visit_fn *fn, void *data,
    struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct crowd c = { NULL, 0, 0 };
	int rc = -1;

	if (names_each(ledger_names(l), NAME_USER, INT32_MAX, collect, &c,
		err) == 0)
		rc = collect_listed(L, &c, err);
	if (c.n > 0)
		qsort(c.v, c.n, sizeof(*c.v), by_name);
	for (size_t i = 0; rc == 0 && i < c.n; i++) {
		if (i > 0 && strcmp(c.v[i - 1].name, c.v[i].name) == 0)
			continue;
		rc = visit(L, &c.v[i], now, fn, data, err) < 0 ? -1 : 0;
	}
	for (size_t i = 0; i < c.n; i++)
		free_person(&c.v[i]);
	free(c.v);
	return rc;
}

int
person_listed(struct ledger *l, const char *name, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	bool removed;
	int more;

	if (store_prepare_once(L->st, &L->person, removed_sql, err) < 0)
		return -1;
	stmt_bind_text(L->person, 1, name);
	more = stmt_step(L->person, err);
	if (more <= 0)
		return more < 0 ? -1 : PERSON_UNKNOWN;
	removed = !stmt_is_null(L->person, 0);
	stmt_reset(L->person);
	return removed ? PERSON_REMOVED : PERSON_KNOWN;
}

int
person_standing(struct ledger *l, const char *name, bool *listed,
    struct tk_err *err)
{
	int standing = person_listed(l, name, err);
	uint32_t id;
	int more;

	*listed = standing == PERSON_KNOWN;
	if (standing != PERSON_UNKNOWN)
		return standing;
	more = names_find(ledger_names(l), NAME_USER, name, &id, err);
	return more < 0 ? -1 : more > 0 ? PERSON_KNOWN : PERSON_UNKNOWN;
}

/* Who misspells a name must not wait, nor keep others waiting, while a
 * million names are looked at. */
enum { NEAR = 5000 };

static const char from_sql[] =
    "SELECT name FROM person WHERE removed IS NULL AND name >= $1"
    " ORDER BY name LIMIT $2";
static const char before_sql[] =
    "SELECT name FROM person WHERE removed IS NULL AND name < $1"
    " ORDER BY name DESC LIMIT $2";

static int
offer(const char *name, void *data)
{
	tk_suggest_offer(data, name);
	return 0;
}

/* Those that were added, from that letter on, or before it. */
static void
offer_listed(struct limits *L, const char *sql, const char *letter,
    struct tk_suggest *near)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct stmt *q = NULL;

	if (store_prepare(L->st, &q, sql, &ignored) < 0)
		return;
	stmt_bind_text(q, 1, letter);
	stmt_bind_int(q, 2, NEAR);
	while (stmt_step(q, &ignored) > 0)
		tk_suggest_offer(near, stmt_text(q, 0));
	stmt_free(q);
}

int
person_unknown(struct ledger *l, const char *name, struct tk_err *err)
{
	struct tk_err ignored = TK_ERR_INIT;
	char letter[] = { name[0], '\0' };
	struct tk_suggest near;

	if ((unsigned char)letter[0] >= 0x80)
		letter[0] = '\0';
	tk_suggest_init(&near, name);
	offer_listed(limits_of(l), from_sql, letter, &near);
	offer_listed(limits_of(l), before_sql, letter, &near);
	names_each(ledger_names(l), NAME_USER, NEAR, offer, &near, &ignored);
	tk_fail(err, TK_NOTFOUND, "no user '%.200s'", name);
	return tk_suggest_hint(&near, "add one with 'tokctl user add'", err);
}

static int
check_name(const char *name, struct tk_err *err)
{
	if (*name == '\0')
		return tk_fail(err, TK_USAGE, "the name is empty");
	if (strlen(name) > RECORD_MAX_NAME)
		return tk_fail(err, TK_DATA, "the name is longer than %d bytes",
		    RECORD_MAX_NAME);
	return 0;
}

static int
check_change(const struct person_change *c, struct tk_err *err)
{
	if (c->department != NULL && *c->department != '\0' &&
	    check_name(c->department, err) < 0)
		return tk_wrap(err, "the department");
	return 0;
}

static const char *
choose(const char *now, const char *before)
{
	return now == NULL ? before : *now == '\0' ? NULL : now;
}

static int
write_person(struct limits *L, const struct person *before,
    const struct person_change *c, int64_t now, struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(L->st, &q, put_sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, before->name);
	stmt_bind_text(q, 2, choose(c->email, before->email));
	stmt_bind_text(q, 3, choose(c->full_name, before->full_name));
	stmt_bind_int(q, 4, c->role >= 0 ? c->role : (int)before->role);
	stmt_bind_int(q, 5, before->added != 0 ? before->added : now);
	stmt_bind_text(q, 6, choose(c->notify, before->notify));
	rc = stmt_step(q, err);
	stmt_free(q);
	if (rc == 0 && c->department != NULL)
		rc = member_set(L, before->name, c->department, now, err);
	return rc;
}

static int
audit(struct limits *L, const char *action, const char *name,
    const struct person_change *c, const struct ledger_actor *by,
    struct tk_err *err)
{
	struct tk_buf detail = TK_BUF_INIT, object = TK_BUF_INIT;
	int rc;

	detail_begin(&detail);
	if (c != NULL) {
		detail_text(&detail, "email", c->email);
		detail_text(&detail, "full_name", c->full_name);
		detail_text(&detail, "department", c->department);
		detail_text(&detail, "notify", c->notify);
		if (c->role >= 0)
			detail_text(&detail, "role",
			    person_roles[c->role].name);
	}
	detail_end(&detail);
	tk_buf_addf(&object, "user %s", name);
	rc = audit_add(L->l, by, action, object.s, detail.s, err);
	tk_buf_release(&detail);
	tk_buf_release(&object);
	return rc;
}

static int
note_added(const struct person *p, void *data, struct tk_err *err)
{
	(void)err;
	*(bool *)data = p->added != 0;
	return 0;
}

int
person_add(struct ledger *l, const char *name, const struct person_change *c,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct person fresh = { .name = name };
	bool listed, added = false;

	if (check_name(name, err) < 0 || check_change(c, err) < 0 ||
	    person_standing(l, name, &listed, err) < 0 ||
	    (listed &&
		person_get(l, name, by->time, note_added, &added, err) < 0))
		return -1;
	if (added) {
		tk_fail(err, TK_CONFLICT, "user '%.200s' was added before",
		    name);
		return tk_hint(err, "change it with 'tokctl user set'");
	}
	if (write_person(L, &fresh, c, by->time, err) < 0)
		return -1;
	return audit(L, "user.add", name, c, by, err);
}

struct changing {
	struct limits *L;
	const struct person_change *c;
	int64_t now;
};

static int
apply(const struct person *p, void *data, struct tk_err *err)
{
	const struct changing *ch = data;

	return write_person(ch->L, p, ch->c, ch->now, err);
}

int
person_change(struct ledger *l, const char *name, const struct person_change *c,
    const struct ledger_actor *by, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	struct changing ch = { L, c, by->time };
	struct person fresh = { .name = name };
	bool listed;
	int standing = person_standing(l, name, &listed, err);

	if (standing < 0 || check_change(c, err) < 0)
		return -1;
	if (standing == PERSON_UNKNOWN)
		return person_unknown(l, name, err);
	if (standing == PERSON_REMOVED)
		return tk_fail(err, TK_NOTFOUND, "user '%.200s' was removed",
		    name);
	if (listed ? person_get(l, name, by->time, apply, &ch, err) < 0
		   : write_person(L, &fresh, c, by->time, err) < 0)
		return -1;
	return audit(L, "user.set", name, c, by, err);
}

int
person_remove(struct ledger *l, const char *name, const struct ledger_actor *by,
    struct tk_err *err)
{
	static const struct person_change nothing = { .role = -1 };
	struct limits *L = limits_of(l);
	struct person fresh = { .name = name };
	struct stmt *q = NULL;
	bool listed;
	int standing = person_standing(l, name, &listed, err);
	int rc;

	if (standing < 0)
		return -1;
	if (standing == PERSON_UNKNOWN)
		return person_unknown(l, name, err);
	if (standing == PERSON_REMOVED)
		return tk_fail(err, TK_NOTFOUND,
		    "user '%.200s' was removed before", name);
	if (!listed && write_person(L, &fresh, &nothing, by->time, err) < 0)
		return -1;
	if (store_prepare(L->st, &q, remove_sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, name);
	stmt_bind_int(q, 2, by->time);
	rc = stmt_step(q, err);
	stmt_free(q);
	return rc < 0 ? -1 : audit(L, "user.remove", name, NULL, by, err);
}

int
person_admit(struct ledger *l, enum limit_strangers strangers,
    struct usage_record *r, struct tk_err *err)
{
	bool listed;

	if (strangers == STRANGERS_CREATE || r->user == NULL)
		return 0;
	if (person_standing(l, r->user, &listed, err) < 0)
		return -1;
	if (listed)
		return 0;
	if (strangers == STRANGERS_BOOK) {
		r->user = "unknown";
		return 0;
	}
	tk_fail(err, TK_NOTFOUND, "user '%.200s' was not added", r->user);
	return tk_hint(err, "add it with 'tokctl user add'");
}

int
person_ensure(struct ledger *l, const char *name, const struct ledger_actor *by,
    struct tk_err *err)
{
	static const struct person_change nothing = { .role = -1 };
	struct limits *L = limits_of(l);
	struct person fresh = { .name = name };
	bool listed;
	int standing = person_standing(l, name, &listed, err);

	if (standing < 0)
		return -1;
	if (standing != PERSON_UNKNOWN)
		return 0;
	return check_name(name, err) < 0 ||
		write_person(L, &fresh, &nothing, 0, err) < 0
	    ? -1
	    : audit(L, "user.add", name, &nothing, by, err);
}
