#include "ledger/audit.h"

#include <string.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "ledger/pack.h"
#include "ledger/segment.h"
#include "store/store.h"

static const char last_sql[] =
    "SELECT seq, head FROM audit ORDER BY seq DESC LIMIT 1";
static const char add_sql[] =
    "INSERT INTO audit (seq, time, actor, action, object, detail, head)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)";
static const char each_sql[] =
    "SELECT seq, time, actor, action, object, detail, head"
    "  FROM audit"
    " ORDER BY seq";

static void
step(uint8_t head[HEAD_SIZE], const struct audit_entry *e)
{
	const char *text[] = { e->actor, e->action, e->object, e->detail };
	struct tk_buf b = TK_BUF_INIT;
	struct tk_sha256 h;

	pack_varint(&b, (uint64_t)e->seq);
	pack_varint(&b, pack_zigzag(e->time));
	for (size_t i = 0; i < TK_LEN(text); i++)
		tk_buf_add(&b, text[i], strlen(text[i]) + 1);
	tk_sha256_init(&h);
	tk_sha256_update(&h, head, HEAD_SIZE);
	tk_sha256_update(&h, b.s, b.len);
	tk_sha256_final(&h, head);
	tk_buf_release(&b);
}

int
audit_head(struct store *st, struct stmt **q, uint8_t *head, struct tk_err *err)
{
	const void *bytes;
	size_t len;
	int more;

	memset(head, 0, HEAD_SIZE);
	if (store_prepare_once(st, q, last_sql, err) < 0)
		return -1;
	more = stmt_step(*q, err);
	if (more <= 0)
		return more;
	bytes = stmt_blob(*q, 1, &len);
	if (len == HEAD_SIZE)
		memcpy(head, bytes, HEAD_SIZE);
	stmt_reset(*q);
	return 0;
}

/* Where the chain ends; seq 0 when it is empty. */
static int
last(struct store *st, int64_t *seq, uint8_t head[HEAD_SIZE],
    struct tk_err *err)
{
	struct stmt *q = NULL;
	const void *bytes;
	size_t len;
	int more;

	*seq = 0;
	memset(head, 0, HEAD_SIZE);
	if (store_prepare(st, &q, last_sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	if (more > 0) {
		*seq = stmt_int(q, 0);
		bytes = stmt_blob(q, 1, &len);
		if (len == HEAD_SIZE)
			memcpy(head, bytes, HEAD_SIZE);
	}
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

int
audit_add(struct ledger *l, const struct ledger_actor *by, const char *action,
    const char *object, const char *detail, struct tk_err *err)
{
	struct audit_entry e = { .time = by->time,
		.actor = by->name,
		.action = action,
		.object = object,
		.detail = detail };
	struct store *st = ledger_store(l);
	struct stmt *q = NULL;
	uint8_t head[HEAD_SIZE];
	int rc;

	if (last(st, &e.seq, head, err) < 0 ||
	    store_prepare(st, &q, add_sql, err) < 0)
		return -1;
	e.seq++;
	step(head, &e);
	stmt_bind_int(q, 1, e.seq);
	stmt_bind_int(q, 2, e.time);
	stmt_bind_text(q, 3, e.actor);
	stmt_bind_text(q, 4, e.action);
	stmt_bind_text(q, 5, e.object);
	stmt_bind_text(q, 6, e.detail);
	stmt_bind_blob(q, 7, head, HEAD_SIZE);
	rc = stmt_step(q, err);
	stmt_free(q);
	return rc;
}

void
audit_detail(struct tk_buf *b, const char *key, const char *text)
{
	tk_buf_addf(b, "{\"%s\":\"", key);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			tk_buf_addf(b, "\\%c", c);
		else if (c < 0x20)
			tk_buf_addf(b, "\\u%04x", c);
		else
			tk_buf_add(b, text, 1);
	}
	tk_buf_adds(b, "\"}");
}

int
audit_each(struct ledger *l, audit_visit_fn *fn, void *data, struct tk_err *err)
{
	uint8_t head[HEAD_SIZE] = { 0 };
	struct stmt *q = NULL;
	int64_t before = 0;
	int more, rc = 0;

	if (store_prepare(ledger_store(l), &q, each_sql, err) < 0)
		return -1;
	while (rc == 0 && (more = stmt_step(q, err)) > 0) {
		struct audit_entry e = { .seq = stmt_int(q, 0),
			.time = stmt_int(q, 1),
			.actor = stmt_text(q, 2),
			.action = stmt_text(q, 3),
			.object = stmt_text(q, 4),
			.detail = stmt_text(q, 5),
			.head = head };
		size_t len;
		const void *said = stmt_blob(q, 6, &len);

		step(head, &e);
		e.broken = e.seq != before + 1 || len != HEAD_SIZE ||
		    memcmp(head, said, HEAD_SIZE) != 0;
		before = e.seq;
		rc = fn(&e, data);
	}
	if (rc == 0)
		rc = more;
	stmt_free(q);
	return rc;
}
