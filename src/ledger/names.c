#include "ledger/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store.h"

enum { MAX_ID = 1 << 28 }; /* in a ledger that is not damaged */

/*
 * One entry a name, found by (kind, text) through an open-addressed table of
 * entry numbers and by id through a plain array.
 */
struct entry {
	char *text;
	uint32_t id;
	uint32_t hash;
	enum name_kind kind;
};

/* Texts stand one behind the other: there may be a million short ones. */
struct texts {
	struct texts *before;
	size_t left;
	char s[];
};

enum { TEXTS_ROOM = 1 << 16 };

struct names {
	struct store *store;
	struct texts *texts;
	char *free_text; /* where texts->left bytes are */
	struct entry *entry;
	size_t entries, room;
	uint32_t *slot; /* entry number + 1; 0: free; a power of two of them */
	size_t slots;
	uint32_t *by_id; /* entry number + 1 */
	uint32_t *rank;  /* by id, among those of its kind; NULL: not loaded */
	size_t ranks;
	size_t ids;
	struct stmt *find, *add, *text, *ahead;
};

static const char find_sql[] =
    "SELECT id FROM name WHERE kind = $1 AND name = $2";
static const char add_sql[] =
    "INSERT INTO name (kind, name, since) VALUES ($1, $2, $3) RETURNING id";
static const char text_sql[] = "SELECT kind, name FROM name WHERE id = $1";
static const char each_sql[] =
    "SELECT name FROM name WHERE kind = $1 ORDER BY id DESC LIMIT $2";

struct names *
names_new(struct store *st)
{
	struct names *n = tk_xcalloc(1, sizeof(*n));

	n->store = st;
	return n;
}

static char *
keep_text(struct names *n, const char *text)
{
	size_t size = strlen(text) + 1;
	char *kept;

	if (n->texts == NULL || n->texts->left < size) {
		size_t room = size > TEXTS_ROOM ? size : TEXTS_ROOM;
		struct texts *t = tk_xreallocarray(NULL, 1, sizeof(*t) + room);

		t->before = n->texts;
		t->left = room;
		n->texts = t;
		n->free_text = t->s;
	}
	kept = n->free_text;
	memcpy(kept, text, size);
	n->free_text += size;
	n->texts->left -= size;
	return kept;
}

static void
free_texts(struct names *n)
{
	while (n->texts != NULL) {
		struct texts *t = n->texts;

		n->texts = t->before;
		free(t);
	}
}

void
names_forget(struct names *n)
{
	free_texts(n);
	n->entries = 0;
	if (n->ranks > 0)
		memset(n->rank, 0, n->ranks * sizeof(*n->rank));
	if (n->slots > 0)
		memset(n->slot, 0, n->slots * sizeof(*n->slot));
	if (n->ids > 0)
		memset(n->by_id, 0, n->ids * sizeof(*n->by_id));
}

void
names_free(struct names *n)
{
	if (n == NULL)
		return;
	free_texts(n);
	stmt_free(n->find);
	stmt_free(n->add);
	stmt_free(n->text);
	stmt_free(n->ahead);
	free(n->entry);
	free(n->slot);
	free(n->by_id);
	free(n->rank);
	free(n);
}

/* FNV-1a. */
static uint32_t
hash_of(enum name_kind kind, const char *text)
{
	uint32_t h = 2166136261u ^ (uint32_t)kind;

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h ^ h >> 15;
}

static uint32_t *
find_slot(struct names *n, enum name_kind kind, const char *text, uint32_t h)
{
	for (size_t i = h & (n->slots - 1);; i = (i + 1) & (n->slots - 1)) {
		const struct entry *e;

		if (n->slot[i] == 0)
			return &n->slot[i];
		e = &n->entry[n->slot[i] - 1];
		if (e->hash == h && e->kind == kind &&
		    strcmp(e->text, text) == 0)
			return &n->slot[i];
	}
}

static void
make_room(struct names *n, uint32_t id)
{
	if (n->entries == n->room) {
		n->room = n->room ? n->room * 2 : 64;
		n->entry =
		    tk_xreallocarray(n->entry, n->room, sizeof(*n->entry));
		free(n->slot);
		n->slots = n->room * 2;
		n->slot = tk_xcalloc(n->slots, sizeof(*n->slot));
		for (size_t i = 0; i < n->entries; i++)
			*find_slot(n, n->entry[i].kind, n->entry[i].text,
			    n->entry[i].hash) = (uint32_t)i + 1;
	}
	if (id >= n->ids) {
		size_t ids = n->ids ? n->ids : 64;

		while (ids <= id)
			ids *= 2;
		n->by_id = tk_xreallocarray(n->by_id, ids, sizeof(*n->by_id));
		memset(n->by_id + n->ids, 0,
		    (ids - n->ids) * sizeof(*n->by_id));
		n->ids = ids;
	}
}

static struct entry *
remember(struct names *n, enum name_kind kind, const char *text, uint32_t id)
{
	uint32_t h = hash_of(kind, text);
	struct entry *e;

	make_room(n, id);
	e = &n->entry[n->entries++];
	*e = (struct entry){ keep_text(n, text), id, h, kind };
	*find_slot(n, kind, text, h) = (uint32_t)n->entries;
	n->by_id[id] = (uint32_t)n->entries;
	return e;
}

/* Ids lead into an array: one that nobody gave would be a huge one. */
static int
check_id(int64_t id, struct tk_err *err)
{
	if (id > 0 && id <= MAX_ID)
		return 0;
	return tk_fail(err, TK_DATA,
	    "the ledger is damaged: a name has the number %lld", (long long)id);
}

int
names_find(struct names *n, enum name_kind kind, const char *name, uint32_t *id,
    struct tk_err *err)
{
	int more;

	if (n->entries > 0) {
		uint32_t at = *find_slot(n, kind, name, hash_of(kind, name));

		if (at != 0) {
			*id = n->entry[at - 1].id;
			return 1;
		}
	}
	if (store_prepare_once(n->store, &n->find, find_sql, err) < 0)
		return -1;
	stmt_bind_int(n->find, 1, kind);
	stmt_bind_text(n->find, 2, name);
	more = stmt_step(n->find, err);
	if (more <= 0)
		return more;
	*id = (uint32_t)stmt_int(n->find, 0);
	more = check_id(stmt_int(n->find, 0), err);
	stmt_reset(n->find);
	if (more < 0)
		return -1;
	remember(n, kind, name, *id);
	return 1;
}

int
names_intern(struct names *n, enum name_kind kind, const char *name,
    int64_t since, uint32_t *id, struct tk_err *err)
{
	int found = names_find(n, kind, name, id, err);
	int more;

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (store_prepare_once(n->store, &n->add, add_sql, err) < 0)
		return -1;
	stmt_bind_int(n->add, 1, kind);
	stmt_bind_text(n->add, 2, name);
	stmt_bind_int(n->add, 3, since);
	more = stmt_step(n->add, err);
	if (more < 0)
		return -1;
	*id = (uint32_t)stmt_int(n->add, 0);
	if (check_id(stmt_int(n->add, 0), err) < 0) {
		stmt_reset(n->add);
		return -1;
	}
	while (more > 0)
		more = stmt_step(n->add, err);
	if (more == 0)
		remember(n, kind, name, *id);
	return more;
}

int
names_text(struct names *n, uint32_t id, const char **name, struct tk_err *err)
{
	int more;

	*name = NULL;
	if (id == 0)
		return 0;
	if (id < n->ids && n->by_id[id] != 0) {
		*name = n->entry[n->by_id[id] - 1].text;
		return 0;
	}
	if (store_prepare_once(n->store, &n->text, text_sql, err) < 0)
		return -1;
	stmt_bind_int(n->text, 1, id);
	more = stmt_step(n->text, err);
	if (more < 0)
		return -1;
	if (more == 0 || id > MAX_ID || stmt_int(n->text, 0) < 0 ||
	    stmt_int(n->text, 0) >= NAME_KINDS)
		return tk_fail(err, TK_DATA,
		    "the ledger is damaged: name %u is missing", id);
	*name = remember(n, (enum name_kind)stmt_int(n->text, 0),
	    stmt_text(n->text, 1), id)
		    ->text;
	stmt_reset(n->text);
	return 0;
}

void
names_expect(const struct names *n, uint32_t id, enum names_soon soon)
{
	if (id >= n->ids)
		return;
	switch (soon) {
	case NAMES_LATER:
		__builtin_prefetch(&n->by_id[id]);
		break;
	case NAMES_SOON:
		if (n->by_id[id] != 0)
			__builtin_prefetch(&n->entry[n->by_id[id] - 1]);
		break;
	case NAMES_NEXT:
		if (n->by_id[id] != 0)
			__builtin_prefetch(n->entry[n->by_id[id] - 1].text);
		break;
	}
}

int
names_most(struct names *n, uint32_t *id, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	*id = 0;
	if (store_prepare(n->store, &q, "SELECT max(id) FROM name", err) < 0)
		return -1;
	more = stmt_step(q, err);
	if (more > 0 && !stmt_is_null(q, 0)) {
		more = check_id(stmt_int(q, 0), err);
		*id = (uint32_t)stmt_int(q, 0);
	}
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

/* Some names more. */
static int
read_some(struct names *n, struct names_ahead *a, names_ahead_fn *fn,
    void *data, struct tk_err *err)
{
	static const char sql[] = "SELECT id, kind, name, since FROM name"
				  " WHERE id > $1 ORDER BY id LIMIT 256";
	int more;

	if (store_prepare_once(n->store, &n->ahead, sql, err) < 0)
		return -1;
	stmt_bind_int(n->ahead, 1, a->id);
	a->since = INT64_MAX;
	while ((more = stmt_step(n->ahead, err)) > 0) {
		int64_t kind = stmt_int(n->ahead, 1);

		a->id = (uint32_t)stmt_int(n->ahead, 0);
		a->since = stmt_int(n->ahead, 3);
		if (check_id(stmt_int(n->ahead, 0), err) < 0 ||
		    (kind >= 0 && kind < NAME_KINDS &&
			fn((enum name_kind)kind, a->id, stmt_text(n->ahead, 2),
			    data, err) < 0)) {
			stmt_reset(n->ahead);
			return -1;
		}
	}
	return more;
}

int
names_read_ahead(struct names *n, struct names_ahead *a, int64_t record,
    names_ahead_fn *fn, void *data, struct tk_err *err)
{
	while (a->since <= record)
		if (read_some(n, a, fn, data, err) < 0)
			return -1;
	return 0;
}

int
names_are_few(struct names *n, int64_t max, struct tk_err *err)
{
	uint32_t id;

	return names_most(n, &id, err) < 0 ? -1 : id <= max;
}

static void
set_rank(struct names *n, uint32_t id, uint32_t rank)
{
	if (id >= n->ranks) {
		n->rank = tk_xreallocarray(n->rank, n->ids, sizeof(*n->rank));
		memset(n->rank + n->ranks, 0,
		    (n->ids - n->ranks) * sizeof(*n->rank));
		n->ranks = n->ids; /* which are more than id */
	}
	n->rank[id] = rank;
}

int
names_load(struct names *n, enum name_kind kind, struct tk_err *err)
{
	/* Read in order from the index of names, which has the ids. */
	static const char sql[] =
	    "SELECT id, name FROM name WHERE kind = $1 ORDER BY name";
	struct stmt *q = NULL;
	uint32_t rank = 0;
	int more;

	if (store_prepare(n->store, &q, sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, kind);
	while ((more = stmt_step(q, err)) > 0) {
		uint32_t id = (uint32_t)stmt_int(q, 0);

		if (check_id(stmt_int(q, 0), err) < 0) {
			more = -1;
			break;
		}
		if (id >= n->ids || n->by_id[id] == 0)
			remember(n, kind, stmt_text(q, 1), id);
		set_rank(n, id, ++rank);
	}
	stmt_free(q);
	return more;
}

uint32_t
names_rank(const struct names *n, uint32_t id)
{
	return id < n->ranks ? n->rank[id] : 0;
}

int
names_each(struct names *n, enum name_kind kind, int max, names_visit_fn *fn,
    void *data, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(n->store, &q, each_sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, kind);
	stmt_bind_int(q, 2, max);
	while ((more = stmt_step(q, err)) > 0)
		if (fn(stmt_text(q, 0), data) != 0)
			break;
	stmt_free(q);
	return more < 0 ? -1 : 0;
}
