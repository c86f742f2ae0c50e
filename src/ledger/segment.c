#include "ledger/segment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sha256.h"
#include "ledger/cube.h"
#include "store/store.h"

/* A ledger that was made by an older version catches up with its sums by
 * name, not all at once. */
enum { CUBES_A_COMMIT = 16 };

static const char tail_sql[] = "SELECT first_id, n, head"
			       "  FROM segment"
			       " ORDER BY first_id DESC"
			       " LIMIT 1";
static const char at_sql[] = "SELECT first_id, n, data"
			     "  FROM segment"
			     " WHERE first_id <= $1"
			     " ORDER BY first_id DESC"
			     " LIMIT 1";
static const char before_sql[] = "SELECT first_id, t_min, t_max, data,"
				 "       length(head)"
				 "  FROM segment"
				 " WHERE first_id >= $1 AND first_id < $2"
				 " ORDER BY first_id";
static const char insert_sql[] =
    "INSERT INTO segment (first_id, n, t_min, t_max, head, slots, data)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)";
static const char remove_sql[] =
    "DELETE FROM segment WHERE first_id >= $1 AND first_id < $2";

struct segments *
segments_new(struct store *st)
{
	struct segments *s = tk_xcalloc(1, sizeof(*s));

	s->store = st;
	s->data = s->cache.data = (struct tk_buf)TK_BUF_INIT;
	return s;
}

void
segments_free(struct segments *s)
{
	if (s == NULL)
		return;
	stmt_free(s->tail);
	stmt_free(s->at);
	stmt_free(s->before);
	stmt_free(s->insert);
	stmt_free(s->remove);
	tk_buf_release(&s->data);
	tk_buf_release(&s->cache.data);
	free(s->cache.start);
	free(s->start);
	free(s->piece);
	free(s);
}

static int
damaged(struct tk_err *err, int64_t first_id)
{
	tk_fail(err, TK_DATA,
	    "the ledger is damaged: the records from %lld on cannot be read",
	    (long long)first_id);
	return tk_hint(err, "see 'tokctl ledger check'");
}

void
segments_forget(struct segments *s)
{
	s->cache.n = 0;
	s->pieces = s->pending = 0;
	s->piece_open = s->at_end = false;
	tk_buf_reset(&s->data);
}

int
segments_find_end(struct segments *s, struct tk_err *err)
{
	const void *head;
	size_t len;
	int more;

	if (s->at_end)
		return 0;
	s->last_id = 0;
	memset(s->head, 0, sizeof(s->head));
	if (store_prepare_once(s->store, &s->tail, tail_sql, err) < 0)
		return -1;
	more = stmt_step(s->tail, err);
	s->at_end = more >= 0;
	if (more <= 0)
		return more;
	head = stmt_blob(s->tail, 2, &len);
	if ((len != HEAD_SIZE && len != SEALED_SIZE) ||
	    stmt_int(s->tail, 0) < 1 || stmt_int(s->tail, 1) < 1 ||
	    __builtin_add_overflow(stmt_int(s->tail, 0) - 1,
		stmt_int(s->tail, 1), &s->last_id) ||
	    s->last_id > INT64_MAX / 2)
		return damaged(err, stmt_int(s->tail, 0));
	memcpy(s->head, head, HEAD_SIZE);
	stmt_reset(s->tail);
	return 0;
}

void
chain_name(struct tk_buf *b, enum name_kind kind, uint32_t id, const char *name)
{
	pack_varint(b, kind);
	pack_varint(b, id);
	tk_buf_add(b, name, strlen(name) + 1);
}

void
chain_step(uint8_t head[HEAD_SIZE], const struct tk_buf *names,
    const void *record, size_t len)
{
	struct tk_sha256 h;

	tk_sha256_init(&h);
	tk_sha256_update(&h, head, HEAD_SIZE);
	tk_sha256_update(&h, names->s, names->len);
	tk_sha256_update(&h, record, len);
	tk_sha256_final(&h, head);
}

void
segment_seal(uint8_t head[SEALED_SIZE], const void *data, size_t len)
{
	struct tk_sha256 h;

	tk_sha256_init(&h);
	tk_sha256_update(&h, head, HEAD_SIZE);
	tk_sha256_update(&h, data, len);
	tk_sha256_final(&h, head + HEAD_SIZE);
}

static struct segment_piece *
open_piece(struct segments *s)
{
	struct segment_piece *p;

	if (s->piece_open)
		return &s->piece[s->pieces - 1];
	s->piece = tk_xreallocarray(s->piece, s->pieces + 1, sizeof(*s->piece));
	p = &s->piece[s->pieces++];
	*p = (struct segment_piece){ .first_id = s->last_id + 1,
		.t_min = INT64_MAX,
		.t_max = INT64_MIN,
		.start = s->data.len };
	s->piece_open = true;
	return p;
}

int64_t
segments_append(struct segments *s, const struct usage_record *r,
    const uint32_t name[NAME_KINDS], const struct tk_buf *names)
{
	struct segment_piece *p = open_piece(s);
	size_t start = s->data.len;

	if (s->pending == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->start =
		    tk_xreallocarray(s->start, s->room, sizeof(*s->start));
	}
	s->start[s->pending++] = start;
	pack_record(&s->data, r, name);
	chain_step(s->head, names, s->data.s + start, s->data.len - start);
	s->last_id++;
	p->n++;
	p->len = s->data.len - p->start;
	if (r->time < p->t_min)
		p->t_min = r->time;
	if (r->time > p->t_max)
		p->t_max = r->time;
	memcpy(p->head, s->head, HEAD_SIZE);
	if (s->last_id % SEGMENT_GROUP == 0 || p->len >= SEGMENT_MAX_BYTES / 4)
		s->piece_open = false;
	return s->last_id;
}

/*
 * From which id on the segments before the piece join it: the start of the
 * group that it completes, or else of the small group; its own first id if
 * it completes neither.
 */
static int64_t
join_from(const struct segment_piece *p)
{
	int64_t last = p->first_id + p->n - 1;
	int64_t group = (p->first_id - 1) / SEGMENT_GROUP * SEGMENT_GROUP + 1;
	int64_t small =
	    (p->first_id - 1) / SEGMENT_SMALL_GROUP * SEGMENT_SMALL_GROUP + 1;

	if (last >= group + SEGMENT_GROUP - 1)
		return group;
	if (last >= small + SEGMENT_SMALL_GROUP - 1)
		return small;
	return p->first_id;
}

/* Put the segments from that id on in front of the piece, in *joined; not
 * those up to a sealed one. */
static int
join(struct segments *s, struct segment_piece *p, int64_t from,
    struct tk_buf *joined, struct tk_err *err)
{
	const char *own = s->data.s + p->start;
	int64_t t_min = p->t_min, t_max = p->t_max;
	int64_t first = p->first_id; /* a segment may reach into the group */
	bool too_large = false;
	int more;

	if (store_prepare_once(s->store, &s->before, before_sql, err) < 0 ||
	    store_prepare_once(s->store, &s->remove, remove_sql, err) < 0)
		return -1;
	stmt_bind_int(s->before, 1, from);
	stmt_bind_int(s->before, 2, p->first_id);
	while ((more = stmt_step(s->before, err)) > 0) {
		size_t len;
		const void *data = stmt_blob(s->before, 3, &len);

		if (stmt_int(s->before, 4) != HEAD_SIZE) {
			tk_buf_reset(joined);
			first = p->first_id;
			t_min = p->t_min;
			t_max = p->t_max;
			continue;
		}
		if (joined->len + len + p->len > SEGMENT_MAX_BYTES) {
			too_large = true;
			break;
		}
		if (first == p->first_id)
			first = stmt_int(s->before, 0);
		tk_buf_add(joined, data, len);
		if (stmt_int(s->before, 1) < t_min)
			t_min = stmt_int(s->before, 1);
		if (stmt_int(s->before, 2) > t_max)
			t_max = stmt_int(s->before, 2);
	}
	if (more < 0)
		return -1;
	if (too_large)
		stmt_reset(s->before);
	if (joined->len == 0 || too_large) {
		tk_buf_reset(joined);
		tk_buf_add(joined, own, p->len);
		return 0;
	}
	tk_buf_add(joined, own, p->len);
	stmt_bind_int(s->remove, 1, first);
	stmt_bind_int(s->remove, 2, p->first_id);
	if (stmt_step(s->remove, err) < 0)
		return -1;
	p->n += p->first_id - first;
	p->first_id = first;
	p->t_min = t_min;
	p->t_max = t_max;
	return 0;
}

static int
write_piece(struct segments *s, struct segment_piece p, struct tk_err *err)
{
	struct tk_buf joined = TK_BUF_INIT, slots = TK_BUF_INIT;
	int64_t from = join_from(&p);
	const char *data = s->data.s + p.start;
	size_t len = p.len;
	int rc = -1;

	if (from < p.first_id) {
		if (join(s, &p, from, &joined, err) < 0)
			goto out;
		data = joined.s;
		len = joined.len;
	}
	if (store_prepare_once(s->store, &s->insert, insert_sql, err) < 0)
		goto out;
	stmt_bind_int(s->insert, 1, p.first_id);
	stmt_bind_int(s->insert, 2, p.n);
	stmt_bind_int(s->insert, 3, p.t_min);
	stmt_bind_int(s->insert, 4, p.t_max);
	stmt_bind_blob(s->insert, 5, p.head, HEAD_SIZE);
	if (p.n < SEGMENT_SMALL_GROUP) {
		stmt_bind_null(s->insert, 6);
	} else {
		if (!slots_build(&slots, (const uint8_t *)data, len, p.n)) {
			damaged(err, p.first_id);
			goto out;
		}
		stmt_bind_blob(s->insert, 6, slots.s, slots.len);
	}
	stmt_bind_blob(s->insert, 7, data, len);
	rc = stmt_step(s->insert, err);
out:
	tk_buf_release(&joined);
	tk_buf_release(&slots);
	return rc;
}

int
segments_flush(struct segments *s, struct tk_err *err)
{
	int64_t before = s->last_id - (int64_t)s->pending;

	if (s->pending == 0)
		return 0;
	for (size_t i = 0; i < s->pieces; i++)
		if (write_piece(s, s->piece[i], err) < 0)
			return -1;
	segments_forget(s);
	if (s->last_id / CUBE_GROUP == before / CUBE_GROUP)
		return 0;
	return cube_update(s->store, s->last_id, CUBES_A_COMMIT, err);
}

static int
fill_cache(struct segments *s, int64_t id, struct tk_err *err)
{
	const uint8_t *p, *start, *end;
	struct packed_record v;
	const void *data;
	size_t len;
	int more;

	if (store_prepare_once(s->store, &s->at, at_sql, err) < 0)
		return -1;
	stmt_bind_int(s->at, 1, id);
	more = stmt_step(s->at, err);
	if (more <= 0)
		return more;
	s->cache.first_id = stmt_int(s->at, 0);
	data = stmt_blob(s->at, 2, &len);
	tk_buf_reset(&s->cache.data);
	tk_buf_add(&s->cache.data, data, len);
	stmt_reset(s->at);
	s->cache.n = 0;
	p = start = (const uint8_t *)s->cache.data.s;
	end = p + len;
	while (p < end) {
		if (s->cache.n == s->cache.room) {
			s->cache.room = s->cache.room ? s->cache.room * 2 : 64;
			s->cache.start = tk_xreallocarray(s->cache.start,
			    s->cache.room, sizeof(*s->cache.start));
		}
		s->cache.start[s->cache.n++] = (size_t)(p - start);
		if (!pack_read(&p, end, &v)) {
			s->cache.n = 0;
			return damaged(err, s->cache.first_id);
		}
	}
	return 1;
}

static int
read_at(const struct tk_buf *data, size_t start, int64_t id,
    struct packed_record *v, struct tk_err *err)
{
	const uint8_t *p = (const uint8_t *)data->s + start;

	if (!pack_read(&p, (const uint8_t *)data->s + data->len, v))
		return damaged(err, id);
	v->r.id = id;
	return 1;
}

int
segments_fetch(struct segments *s, int64_t id, struct packed_record *v,
    struct tk_err *err)
{
	int64_t first_pending = s->last_id - (int64_t)s->pending + 1;
	size_t at;
	int more;

	if (s->pending > 0 && id >= first_pending)
		return id > s->last_id
		    ? 0
		    : read_at(&s->data, s->start[id - first_pending], id, v,
			  err);
	if (s->cache.n == 0 || id < s->cache.first_id ||
	    id >= s->cache.first_id + (int64_t)s->cache.n) {
		more = fill_cache(s, id, err);
		if (more <= 0)
			return more;
	}
	at = (size_t)(id - s->cache.first_id);
	if (at >= s->cache.n)
		return 0;
	return read_at(&s->cache.data, s->cache.start[at], id, v, err);
}
