/*
 * Gemini CLI: ~/.gemini/tmp/<project>/chats/session-*.json, one document, and
 * in newer versions *.jsonl, one message a line; and what "gemini -o json"
 * prints, which has sums for each model.
 *
 * A message is written again under its id when its tokens are known, and
 * {"$set":{"messages":[...]}} repeats what stands; the largest counts.  What
 * {"$rewindTo":...} takes back was paid for all the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/docs.h"
#include "ingest/pick.h"

struct gemini_state {
	struct docs docs; /* first */
	char *session;    /* of the lines that follow; or NULL */
	int64_t started;  /* for messages without a time */
};

/* What a message or the sum of a model used. */
enum {
	T_INPUT,
	T_PROMPT,
	T_OUTPUT,
	T_CANDIDATES,
	T_CACHED,
	T_THOUGHTS,
	T_TOOL,
	T_TOTAL,
	TOKENS,
};

static const char *const token_names[TOKENS] = {
	[T_INPUT] = "input",
	[T_PROMPT] = "prompt",
	[T_OUTPUT] = "output",
	[T_CANDIDATES] = "candidates",
	[T_CACHED] = "cached",
	[T_THOUGHTS] = "thoughts",
	[T_TOOL] = "tool",
	[T_TOTAL] = "total",
};

static void
set_session(struct gemini_state *st, const char *name)
{
	if (name == NULL)
		return;
	free(st->session);
	st->session = tk_xstrdup(name);
}

/*
 * The input has the cached tokens inside, if the total says so; logs of old
 * versions have it without.  0 when nothing was used, -1 when it is wrong.
 */
static int
read_tokens(struct reader *rd, const struct json_text *object,
    struct usage_record *r)
{
	struct pick v[TOKENS];
	int64_t n[TOKENS], all;
	struct json_scan s;

	for (int i = 0; i < TOKENS; i++)
		v[i].path = token_names[i];
	if (!pick_read(v, TOKENS, object->p, object->n, &s))
		return 0;
	for (int i = 0; i < TOKENS; i++) {
		if (pick_count(&v[i], &n[i]))
			continue;
		reader_bad(rd, "tokens: %s is no count", v[i].path);
		return -1;
	}
	if (pick_has(&v[T_PROMPT]))
		n[T_INPUT] = n[T_PROMPT];
	if (pick_has(&v[T_CANDIDATES]))
		n[T_OUTPUT] = n[T_CANDIDATES];
	if (__builtin_add_overflow(n[T_INPUT], n[T_TOOL], &r->input_tokens) ||
	    __builtin_add_overflow(n[T_OUTPUT], n[T_THOUGHTS],
		&r->output_tokens) ||
	    __builtin_add_overflow(r->input_tokens, r->output_tokens, &all)) {
		reader_bad(rd, "tokens: the counts are too large");
		return -1;
	}
	r->cache_read_tokens = n[T_CACHED];
	r->reasoning_tokens = n[T_THOUGHTS];
	if (all == 0 && n[T_CACHED] == 0)
		r->unsplit_tokens = n[T_TOTAL];
	else if (n[T_CACHED] <= n[T_INPUT] &&
	    (!pick_has(&v[T_TOTAL]) || n[T_TOTAL] == all))
		r->input_tokens -= n[T_CACHED];
	return record_total(r) > 0;
}

static void
describe(struct reader *rd, const struct pick *model, struct usage_record *r)
{
	const struct gemini_state *st = rd->state;
	struct json_text session = { 0 };

	record_init(r);
	r->application = "gemini-cli";
	r->model = pick_name(rd, model);
	if (r->model != NULL && strncmp(r->model, "gemini-", 7) == 0)
		r->provider = "google";
	if (st->session != NULL)
		session = (struct json_text){ st->session, strlen(st->session),
			false };
	r->session = reader_name(rd, &session);
	if (r->session == NULL)
		r->session = reader_path_name(rd, 0);
}

static void
give_message(struct reader *rd, const char *text, size_t n)
{
	const struct gemini_state *st = rd->state;
	struct pick v[] = { { .path = "type" }, { .path = "id" },
		{ .path = "timestamp" }, { .path = "model" },
		{ .path = "tokens" } };
	struct usage_record r;
	struct json_scan s;
	const char *id;

	pick_read(v, TK_LEN(v), text, n, &s);
	if (!pick_is(&v[0], "gemini") || v[4].kind != JSON_IS_OBJECT) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	describe(rd, &v[3], &r);
	if (!pick_time(&v[2], &r.time))
		r.time = st->started;
	switch (read_tokens(rd, &v[4].t, &r)) {
	case 0:
		reader_skip(rd, SKIP_OTHER);
		return;
	case -1:
		return;
	}
	if (r.time == RECORD_UNKNOWN) {
		reader_bad(rd, "timestamp: a message without a time");
		return;
	}
	id = pick_name(rd, &v[1]);
	if (reader_is_unique(id))
		r.request_id = reader_textf(rd, "gemini:%s", id);
	else if (id != NULL)
		r.request_id = reader_textf(rd, "gemini:%s:%s",
		    r.session != NULL ? r.session : "", id);
	else
		reader_fingerprint(rd, &r, "gemini", NULL);
	reader_give(rd, &r);
}

static void
give_messages(struct reader *rd, const struct pick *list)
{
	struct json_scan s;
	struct json_text item;

	json_scan_init(&s, list->t.p, list->t.n);
	if (json_scan_array(&s) <= 0)
		return;
	while (json_scan_item(&s) && json_scan_raw(&s, &item))
		if (item.n > 0 && *item.p == '{')
			give_message(rd, item.p, item.n);
}

/* One model of the sums at the end of a run without a screen. */
static void
give_sum(struct reader *rd, const struct json_text *name,
    const struct pick *about, int64_t time)
{
	struct pick model = { "", JSON_IS_TEXT, *name };
	struct pick tokens[] = { { .path = "tokens" } };
	struct usage_record r;
	struct json_scan s;

	pick_read(tokens, 1, about->t.p, about->t.n, &s);
	if (tokens[0].kind != JSON_IS_OBJECT)
		return;
	describe(rd, &model, &r);
	r.time = time;
	if (read_tokens(rd, &tokens[0].t, &r) <= 0)
		return;
	if (reader_is_unique(((struct gemini_state *)rd->state)->session))
		r.request_id = reader_textf(rd, "gemini:%s:%s", r.session,
		    r.model != NULL ? r.model : "");
	else
		reader_fingerprint(rd, &r, "gemini", "stats");
	reader_give(rd, &r);
}

static void
give_sums(struct reader *rd, const struct pick *models, int64_t time)
{
	struct json_scan s;
	struct json_text key;

	json_scan_init(&s, models->t.p, models->t.n);
	if (json_scan_object(&s) <= 0)
		return;
	while (json_scan_key(&s, &key)) {
		struct pick about = { 0 };

		about.kind = json_scan_peek(&s);
		if (json_scan_raw(&s, &about.t) && about.kind == JSON_IS_OBJECT)
			give_sum(rd, &key, &about, time);
	}
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct gemini_state *st = rd->state;
	struct pick v[] = { { .path = "sessionId" }, { .path = "session_id" },
		{ .path = "startTime" }, { .path = "lastUpdated" },
		{ .path = "messages" }, { .path = "$set/messages" },
		{ .path = "stats/models" }, { .path = "result/stats/models" },
		{ .path = "timestamp" }, { .path = "type" } };
	struct json_scan s;
	bool whole = pick_read(v, TK_LEN(v), text, n, &s);
	int64_t time = rd->mtime;

	set_session(st, pick_name(rd, pick_has(&v[0]) ? &v[0] : &v[1]));
	if (!pick_time(&v[2], &st->started) && pick_has(&v[3]))
		pick_time(&v[3], &st->started);
	pick_time(&v[8], &time);
	if (pick_has(&v[4]))
		give_messages(rd, &v[4]);
	else if (pick_has(&v[5]))
		give_messages(rd, &v[5]);
	else if (pick_has(&v[6]) || pick_has(&v[7]))
		give_sums(rd, pick_has(&v[6]) ? &v[6] : &v[7], time);
	else if (whole)
		give_message(rd, text, n);
	if (!whole)
		docs_bad(rd, &s);
}

static bool
gemini_open(struct reader *rd, const char *carry)
{
	struct gemini_state *st = rd->state;
	struct pick v[] = { { .path = "session" }, { .path = "started" },
		{ .path = "lines" } };
	struct json_scan s;

	docs_init(&st->docs);
	st->started = RECORD_UNKNOWN;
	if (carry == NULL)
		return true;
	if (!pick_read(v, TK_LEN(v), carry, strlen(carry), &s))
		return false;
	set_session(st, pick_name(rd, &v[0]));
	st->docs.lines = v[2].kind == JSON_IS_TRUE;
	if (pick_has(&v[1]))
		json_int_parse(v[1].t.p, v[1].t.n, &st->started);
	return true;
}

static void
gemini_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct gemini_state *st = rd->state;

	tk_buf_adds(b, "{\"session\":");
	carry_add_text(b, st->session != NULL ? st->session : "");
	if (st->started != RECORD_UNKNOWN)
		tk_buf_addf(b, ",\"started\":%lld", (long long)st->started);
	tk_buf_adds(b, st->docs.lines ? ",\"lines\":true}" : "}");
}

static void
gemini_close(struct reader *rd)
{
	free(((struct gemini_state *)rd->state)->session);
	docs_close(rd);
}

static void
gemini_places(struct walk *w)
{
	const char *dir = walk_env("GEMINI_CLI_HOME");

	if (dir != NULL)
		walk_place(w, "%s/.gemini/tmp", dir);
	else if (walk_home() != NULL)
		walk_place(w, "%s/.gemini/tmp", walk_home());
}

static bool
gemini_wants(const char *path)
{
	const char *chats = strstr(path, "/chats/");
	const char *dot = strrchr(path, '.');

	return chats != NULL && dot != NULL &&
	    (strcmp(dot, ".json") == 0 || strcmp(dot, ".jsonl") == 0);
}

static const char *const gemini_marks[] = {
	"sessionId projectHash",
	"type=gemini tokens/cached",
	"type=gemini tokens/thoughts",
	"stats/models/ stats/tools",
	"type=result stats/models/",
	NULL,
};

const struct importer importer_gemini = {
	.name = "gemini",
	.title = "Gemini CLI",
	.version = 1,
	.state_size = sizeof(struct gemini_state),
	.places = gemini_places,
	.wants = gemini_wants,
	.marks = gemini_marks,
	.open = gemini_open,
	.line = docs_read_line,
	.value = on_value,
	.whole = docs_is_whole,
	.carry = gemini_carry,
	.end = docs_read_end,
	.close = gemini_close,
};
