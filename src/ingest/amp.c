/*
 * Amp: ~/.local/share/amp/threads/T-*.json, one document for each thread,
 * which is written anew as it grows.
 *
 * usageLedger.events has an entry for each call, without what was read from
 * the cache and written to it: that is in messages[].usage, by the message
 * that an event made.  Threads without a ledger have only the latter.
 */
#include <string.h>

#include "base/attr.h"
#include "ingest/docs.h"
#include "ingest/hash.h"
#include "ingest/pick.h"

/* One value of counts; a name for messages and where it goes. */
struct amp_count {
	const struct pick *from;
	int64_t *to;
};

static bool
read_counts(struct reader *rd, const struct amp_count *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (pick_count(v[i].from, v[i].to))
			continue;
		reader_bad(rd, "%s is no count", v[i].from->path);
		return false;
	}
	return true;
}

/* Call fn with each object of a list. */
static void
each(struct reader *rd, const struct pick *list, const struct pick *thread,
    void (*fn)(struct reader *rd, const struct json_text *item,
	const struct pick *thread))
{
	struct json_scan s;
	struct json_text item;

	json_scan_init(&s, list->t.p, list->t.n);
	if (list->kind != JSON_IS_ARRAY || json_scan_array(&s) <= 0)
		return;
	while (json_scan_item(&s) && json_scan_raw(&s, &item))
		if (item.n > 0 && *item.p == '{')
			fn(rd, &item, thread);
}

enum { TH_ID, TH_MESSAGES, TH_EVENTS, TH_TREE, TH_PICKS };

static void
finish(struct reader *rd, struct usage_record *r, const struct pick *id,
    const struct pick *thread)
{
	const char *name = pick_name(rd, id);
	const char *number = NULL;

	if (record_total(r) == 0) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	r->application = "amp";
	r->session = pick_name(rd, &thread[TH_ID]);
	if (id->kind == JSON_IS_NUMBER)
		number = reader_textf(rd, "%.*s", (int)id->t.n, id->t.p);
	if (reader_is_unique(name))
		r->request_id = reader_textf(rd, "amp:%s", name);
	else if (name != NULL || number != NULL)
		r->request_id = reader_textf(rd, "amp:%s:%s",
		    r->session != NULL ? r->session : "",
		    name != NULL ? name : number);
	else
		reader_fingerprint(rd, r, "amp", r->session);
	reader_give(rd, r);
}

/* The cache's part of the message with that id. */
static bool
find_cache(struct reader *rd, const struct pick *messages,
    const struct pick *id, struct usage_record *r)
{
	struct pick v[] = { { .path = "messageId" },
		{ .path = "usage/cacheCreationInputTokens" },
		{ .path = "usage/cacheReadInputTokens" } };
	const struct amp_count counts[] = {
		{ &v[1], &r->cache_write_5m_tokens },
		{ &v[2], &r->cache_read_tokens },
	};
	struct json_scan s, inner;
	struct json_text item;

	json_scan_init(&s, messages->t.p, messages->t.n);
	if (messages->kind != JSON_IS_ARRAY || json_scan_array(&s) <= 0)
		return true;
	while (json_scan_item(&s) && json_scan_raw(&s, &item))
		if (pick_read(v, TK_LEN(v), item.p, item.n, &inner) &&
		    v[0].kind == id->kind && v[0].t.n == id->t.n &&
		    memcmp(v[0].t.p, id->t.p, id->t.n) == 0)
			return read_counts(rd, counts, TK_LEN(counts));
	return true;
}

struct amp_state {
	struct docs docs;  /* first */
	struct ids joined; /* messages whose cache was counted */
};

static void
give_event(struct reader *rd, const struct json_text *item,
    const struct pick *thread)
{
	struct amp_state *st = rd->state;
	struct pick v[] = { { .path = "id" }, { .path = "timestamp" },
		{ .path = "model" }, { .path = "tokens/input" },
		{ .path = "tokens/output" }, { .path = "tokens/total" },
		{ .path = "toMessageId" } };
	struct usage_record r;
	struct json_scan s;
	int64_t total = 0;
	const struct amp_count counts[] = {
		{ &v[3], &r.input_tokens },
		{ &v[4], &r.output_tokens },
		{ &v[5], &total },
	};

	record_init(&r);
	pick_read(v, TK_LEN(v), item->p, item->n, &s);
	if (!read_counts(rd, counts, TK_LEN(counts)))
		return;
	if (!pick_time(&v[1], &r.time)) {
		reader_bad(rd, "usageLedger: an event without a time");
		return;
	}
	if (r.input_tokens == 0 && r.output_tokens == 0)
		r.unsplit_tokens = total;
	r.model = pick_name(rd, &v[2]);
	if (pick_has(&v[6]) &&
	    ids_see(&st->joined, hash_bytes(v[6].t.p, v[6].t.n).a) == 0 &&
	    !find_cache(rd, &thread[TH_MESSAGES], &v[6], &r))
		return;
	finish(rd, &r, &v[0], thread);
}

static void
give_message(struct reader *rd, const struct json_text *item,
    const struct pick *thread)
{
	struct pick v[] = { { .path = "role" }, { .path = "usage" },
		{ .path = "usage/timestamp" }, { .path = "timestamp" },
		{ .path = "usage/model" }, { .path = "model" },
		{ .path = "messageId" }, { .path = "usage/inputTokens" },
		{ .path = "usage/outputTokens" },
		{ .path = "usage/cacheCreationInputTokens" },
		{ .path = "usage/cacheReadInputTokens" } };
	struct usage_record r;
	struct json_scan s;
	const struct amp_count counts[] = {
		{ &v[7], &r.input_tokens },
		{ &v[8], &r.output_tokens },
		{ &v[9], &r.cache_write_5m_tokens },
		{ &v[10], &r.cache_read_tokens },
	};

	record_init(&r);
	pick_read(v, TK_LEN(v), item->p, item->n, &s);
	if (!pick_is(&v[0], "assistant") || v[1].kind != JSON_IS_OBJECT) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (!read_counts(rd, counts, TK_LEN(counts)))
		return;
	if (!pick_time(pick_has(&v[2]) ? &v[2] : &v[3], &r.time)) {
		reader_bad(rd, "messages: usage without a time");
		return;
	}
	r.model = pick_name(rd, pick_has(&v[4]) ? &v[4] : &v[5]);
	finish(rd, &r, &v[6], thread);
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct amp_state *st = rd->state;
	struct pick v[TH_PICKS] = { { .path = "id" }, { .path = "messages" },
		{ .path = "usageLedger/events" },
		{ .path = "env/initial/trees" } };
	struct json_scan s;
	bool whole = pick_read(v, TH_PICKS, text, n, &s);

	ids_release(&st->joined);
	if (v[TH_EVENTS].kind == JSON_IS_ARRAY)
		each(rd, &v[TH_EVENTS], v, give_event);
	else if (whole)
		each(rd, &v[TH_MESSAGES], v, give_message);
	if (!whole)
		docs_bad(rd, &s);
}

static void
amp_close(struct reader *rd)
{
	ids_release(&((struct amp_state *)rd->state)->joined);
	docs_close(rd);
}

static void
amp_places(struct walk *w)
{
	const char *data = walk_env("XDG_DATA_HOME");
	const char *dir = walk_env("AMP_DATA_DIR");

	if (dir != NULL)
		walk_place(w, "%s/threads", dir);
	else if (data != NULL)
		walk_place(w, "%s/amp/threads", data);
	else if (walk_home() != NULL)
		walk_place(w, "%s/.local/share/amp/threads", walk_home());
}

static bool
amp_wants(const char *path)
{
	return walk_ends(path, ".json");
}

static const char *const amp_marks[] = {
	"usageLedger/",
	"id=T-* messages",
	"id=T-* created",
	NULL,
};

const struct importer importer_amp = {
	.name = "amp",
	.title = "Amp",
	.version = 1,
	.state_size = sizeof(struct amp_state),
	.places = amp_places,
	.wants = amp_wants,
	.marks = amp_marks,
	.open = docs_open,
	.line = docs_read_line,
	.value = on_value,
	.whole = docs_is_whole,
	.carry = docs_carry,
	.end = docs_read_end,
	.close = amp_close,
};
