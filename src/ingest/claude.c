/*
 * Claude Code: ~/.claude/projects/<folder>/<session>.jsonl and what lies in
 * folders below.
 *
 * A call is written as several lines, one for each block of its answer, all
 * with the same message.id and requestId; the usage on them only grows.  So
 * each line is a sighting of the call, and the largest counts.  Resumed and
 * forked sessions copy lines into other files: both ids stay, so the call's
 * identity is made of them alone.
 *
 * Lines of gateways have no requestId, and some gateways give every message
 * the same id.  There the lines of a call are known by the input side of the
 * usage, which is final from the first line on, and the call by the time of
 * that first line, which copies keep.
 *
 * Files: claude.c from lines to calls, claude_line.c a line taken apart,
 * claude_side.c helpers' files, claude_places.c where files are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "ingest/claude_state.h"
#include "ingest/hash.h"
#include "ingest/run.h"

/* Without the split, and for what it leaves out, writes are for 5 minutes. */
static void
set_usage(struct usage_record *r, const struct claude_usage *u)
{
	int64_t rest = u->cache_write;

	r->input_tokens = u->input;
	r->output_tokens = u->output;
	r->cache_read_tokens = u->cache_read;
	r->cache_write_5m_tokens = u->write_5m;
	r->cache_write_1h_tokens = u->write_1h;
	if (__builtin_sub_overflow(rest, u->write_5m, &rest) ||
	    __builtin_sub_overflow(rest, u->write_1h, &rest) || rest < 0)
		rest = 0;
	r->cache_write_5m_tokens += rest;
	r->reasoning_tokens = u->thinking < u->output ? u->thinking : u->output;
	r->web_searches = u->web_searches;
	if (u->fast)
		r->tier = TIER_FAST;
	else if (json_text_is(&u->tier, "priority"))
		r->tier = TIER_PRIORITY;
	else if (json_text_is(&u->tier, "batch"))
		r->tier = TIER_BATCH;
}

/* The name of the file is that of the session, where no line says it. */
const char *
claude_session(struct reader *rd, const struct claude_line *l)
{
	const char *slash = strrchr(rd->path, '/');
	const char *base = slash != NULL ? slash + 1 : rd->path;
	const char *name = reader_name(rd, &l->session);
	size_t n = strlen(base);

	if (name != NULL)
		return name;
	if (n > 6 && strcmp(base + n - 6, ".jsonl") == 0)
		n -= 6;
	return batch_name(rd->batch, base, n);
}

/* The time of the first line of a call without requestId. */
static int64_t
first_time(struct reader *rd, uint64_t key, int64_t time)
{
	struct claude_state *st = rd->state;

	for (int i = 0; i < OPEN_CALLS; i++)
		if (st->calls[i].key == key)
			return st->calls[i].time;
	st->calls[st->next] = (struct open_call){ key, time };
	st->next = (st->next + 1) % OPEN_CALLS;
	return time;
}

/* Of a line without any id: what it says, and when. */
static const char *
line_identity(struct reader *rd, const struct usage_record *r)
{
	struct tk_buf *b = &rd->scratch;
	struct hash128 h;

	tk_buf_addf(b,
	    "%" PRId64 " %s %s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64,
	    r->time, r->session, r->model != NULL ? r->model : "",
	    r->input_tokens, r->cache_read_tokens, record_cache_write(r),
	    r->output_tokens);
	h = hash_bytes(b->s, b->len);
	tk_buf_reset(b);
	tk_buf_adds(b, "claude:");
	hash_add(&h, b);
	return batch_text(rd->batch, b->s, b->len);
}

static const char *
identity(struct reader *rd, const struct claude_line *l,
    const struct usage_record *r)
{
	struct tk_buf *b = &rd->scratch;
	struct tk_buf lines = TK_BUF_INIT;
	uint64_t key;

	tk_buf_reset(b);
	if (l->message.n == 0 && l->uuid.n == 0)
		return line_identity(rd, r);
	json_text_add(l->message.n > 0 ? &l->message : &l->uuid, b);
	if (l->message.n > 0 && l->request.n > 0) {
		tk_buf_adds(b, ":");
		json_text_add(&l->request, b);
	} else if (l->message.n > 0) {
		tk_buf_addf(b, ":%" PRId64 ":%" PRId64 ":%" PRId64,
		    r->input_tokens, record_cache_write(r),
		    r->cache_read_tokens);
		tk_buf_addf(&lines, "%s:%s", b->s, r->session);
		key = hash_bytes(lines.s, lines.len).a;
		tk_buf_addf(b, ":%" PRId64, first_time(rd, key, r->time));
		tk_buf_release(&lines);
	}
	return batch_text(rd->batch, b->s, b->len);
}

/* "advisor" and "compaction" are calls of their own; else NULL. */
static const char *
iteration_kind(const struct json_text *type)
{
	if (json_text_is(type, "advisor_message"))
		return "advisor";
	if (json_text_is(type, "compaction"))
		return "compaction";
	return NULL;
}

static void
give_iteration(struct reader *rd, struct json_scan *s, int i,
    const struct usage_record *around)
{
	struct usage_record r = *around;
	struct json_text key, type = { 0 }, model = { 0 };
	struct claude_usage u = { 0 };
	const char *kind;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		if (json_text_is(&key, "type"))
			json_scan_text(s, &type);
		else if (json_text_is(&key, "model"))
			json_scan_text(s, &model);
		else
			claude_usage_member(s, &key, &u);
	}
	kind = iteration_kind(&type);
	if (kind == NULL)
		return;
	if (u.wrong != NULL) {
		reader_bad(rd, "iterations: %s is no count", u.wrong);
		return;
	}
	if (model.n > 0)
		r.model = reader_name(rd, &model);
	r.cost = RECORD_UNKNOWN;
	r.cost_origin = COST_UNKNOWN;
	set_usage(&r, &u);
	if (record_total(&r) == 0)
		return;
	tk_buf_reset(&rd->scratch);
	tk_buf_addf(&rd->scratch, "%s:%s:%d", around->request_id, kind, i);
	r.request_id = batch_text(rd->batch, rd->scratch.s, rd->scratch.len);
	reader_give(rd, &r);
}

/*
 * Calls inside a call, which the usage around them leaves out: the advisor,
 * with a model of its own, and the compaction of the conversation.
 */
static void
give_iterations(struct reader *rd, const struct json_text *list,
    const struct usage_record *around)
{
	struct json_scan s;

	json_scan_init(&s, list->p, list->n);
	if (json_scan_array(&s) <= 0)
		return;
	for (int i = 0; json_scan_item(&s); i++) {
		if (json_scan_peek(&s) == JSON_IS_OBJECT)
			give_iteration(rd, &s, i, around);
		else
			json_scan_skip(&s);
	}
}

/* Versions before 1.0.9 knew what a call cost. */
static void
set_cost(struct usage_record *r, const struct json_text *dollars)
{
	tk_int128 pico;

	if (dollars->n == 0 ||
	    !tk_money_parse_near(dollars->p, dollars->n, &pico) || pico <= 0 ||
	    pico > INT64_MAX)
		return;
	r->cost = (int64_t)pico;
	r->cost_origin = COST_GIVEN;
}

static void
describe(struct reader *rd, const struct claude_line *l, struct usage_record *r)
{
	set_usage(r, &l->usage);
	r->application = "claude-code";
	r->model = reader_name(rd, &l->model);
	if (r->model != NULL && strncmp(r->model, "claude-", 7) == 0)
		r->provider = "anthropic";
	r->session = claude_session(rd, l);
	r->project = reader_name(rd, &l->cwd);
	r->agent = claude_agent(rd, l);
	set_cost(r, &l->cost);
}

static void
give(struct reader *rd, const struct claude_line *l)
{
	struct usage_record r;

	record_init(&r);
	if (!tk_time_parse(l->time.p, l->time.n, NULL, &r.time)) {
		reader_bad(rd, "timestamp: '%.*s' is no time",
		    l->time.n > 40 ? 40 : (int)l->time.n, l->time.p);
		return;
	}
	if (l->usage.wrong != NULL) {
		reader_bad(rd, "%s is no count", l->usage.wrong);
		return;
	}
	describe(rd, l, &r);
	if (l->request.n == 0 && record_total(&r) == 0) {
		reader_skip(rd, SKIP_OTHER); /* a gateway's first words */
		return;
	}
	r.request_id = identity(rd, l, &r);
	reader_give(rd, &r);
	if (l->usage.iterations.n > 0)
		give_iterations(rd, &l->usage.iterations, &r);
}

static void
skip_replayed(struct reader *rd, const struct claude_line *l)
{
	struct tk_buf *b = &rd->scratch;

	tk_buf_reset(b);
	json_text_add(&l->message, b);
	tk_buf_adds(b, ":");
	json_text_add(&l->request, b);
	reader_retract(rd, b->s);
	reader_skip(rd, SKIP_REPLAYED);
}

static void
claude_line(struct reader *rd, const char *text, size_t n)
{
	struct claude_line l;
	struct json_scan s;

	while (!claude_line_read(&l, text, n, &s)) {
		reader_bad(rd, "JSON: byte %zu: %s", (size_t)(s.at - s.start),
		    s.wrong);
		if (!reader_rest(&s, &text, &n))
			return;
	}
	if (!l.has_usage || !json_text_is(&l.type, "assistant"))
		reader_skip(rd, SKIP_OTHER);
	else if (json_text_is(&l.model, "<synthetic>"))
		reader_skip(rd, SKIP_SYNTHETIC);
	else if (claude_is_replayed(rd, &l))
		skip_replayed(rd, &l);
	else
		give(rd, &l);
}

/* "?TIME:JUDGED" or "own:TIME" of a helper, and the ring of open calls:
 * "KEY:TIME", keys in hexadecimal. */
static void
claude_carry(const struct reader *rd, struct tk_buf *b)
{
	const struct claude_state *st = rd->state;

	if (st->own && st->settled)
		tk_buf_addf(b, "own:%" PRId64 " ", st->own_time);
	else if (st->own)
		tk_buf_addf(b, "?%" PRId64 ":%" PRId64 " ", st->own_time,
		    st->judged);
	for (int i = 0; i < OPEN_CALLS; i++) {
		const struct open_call *c =
		    &st->calls[(st->next + i) % OPEN_CALLS];

		if (c->key != 0)
			tk_buf_addf(b, "%016" PRIx64 ":%" PRId64 " ", c->key,
			    c->time);
	}
}

static bool
claude_open(struct reader *rd, const char *carry)
{
	struct claude_state *st = rd->state;
	struct open_call c;
	int used;

	if (carry == NULL) {
		if (rd->before != NULL &&
		    sscanf(rd->before, "own:%" SCNd64, &st->own_then) != 1)
			sscanf(rd->before, "?%" SCNd64, &st->own_then);
		claude_begin_session(rd);
		return true;
	}
	if (carry[0] == '?' && claude_stale(rd->path, carry))
		return false;
	if (sscanf(carry, "own:%" SCNd64 " %n", &st->own_time, &used) == 1) {
		st->own = st->settled = true;
		carry += used;
	} else if (sscanf(carry, "?%" SCNd64 ":%" SCNd64 " %n", &st->own_time,
		       &st->judged, &used) == 2) {
		st->own = true;
		carry += used;
	}
	while (sscanf(carry, "%" SCNx64 ":%" SCNd64 " %n", &c.key, &c.time,
		   &used) == 2) {
		st->calls[st->next] = c;
		st->next = (st->next + 1) % OPEN_CALLS;
		carry += used;
	}
	return *carry == '\0';
}

static void
claude_close(struct reader *rd)
{
	struct claude_state *st = rd->state;

	free(st->agent_type);
	st->agent_type = NULL;
}

const struct importer importer_claude = {
	.name = "claude-code",
	.title = "Claude Code",
	.version = 1,
	.state_size = sizeof(struct claude_state),
	.places = claude_places,
	.wants = claude_wants,
	.probe = claude_probe,
	.open = claude_open,
	.line = claude_line,
	.carry = claude_carry,
	.close = claude_close,
	.shared_size = sizeof(struct claude_shared),
	.unshare = claude_unshare,
	.stale = claude_stale,
};
