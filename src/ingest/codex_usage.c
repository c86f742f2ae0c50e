/* Codex: from counters to calls.  See codex.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "ingest/codex_state.h"
#include "ingest/hash.h"

static const char fallback_model[] = "gpt-5";

/* Which model "codex-auto-review" was, from when on (UTC). */
static const struct {
	const char *since, *model;
} auto_review[] = {
	{ "2026-02-05T00:00:00Z", "gpt-5.3-codex" },
	{ "2026-03-05T00:00:00Z", "gpt-5.4" },
	{ "2026-04-23T00:00:00Z", "gpt-5.5" },
};

/* What was used since: a counter that fell has begun anew. */
static struct codex_counts
difference(const struct codex_counts *now, const struct codex_counts *before)
{
	struct codex_counts d = *now;
	int64_t *to[] = { &d.input, &d.cached, &d.cache_write, &d.output,
		&d.reasoning, &d.total };
	const int64_t from[] = { before->input, before->cached,
		before->cache_write, before->output, before->reasoning,
		before->total };

	if (now->total < before->total)
		return d;
	for (size_t i = 0; i < TK_LEN(to); i++)
		*to[i] -= *to[i] < from[i] ? *to[i] : from[i];
	return d;
}

bool
codex_is_same(const struct codex_counts *a, const struct codex_counts *b)
{
	return a->input == b->input && a->cached == b->cached &&
	    a->cache_write == b->cache_write && a->output == b->output &&
	    a->reasoning == b->reasoning && a->total == b->total;
}

static const char *
model_at(const struct codex_state *st, int64_t time)
{
	const char *model = st->model != NULL ? st->model : fallback_model;

	if (strcmp(model, "codex-auto-review") != 0)
		return model;
	for (size_t i = 0; i < TK_LEN(auto_review); i++) {
		const char *since = auto_review[i].since;
		int64_t ms;

		if (tk_time_parse(since, strlen(since), NULL, &ms) &&
		    time >= ms)
			model = auto_review[i].model;
	}
	return model;
}

/* A rollout has no ids of calls, but no two calls agree in all of this. */
static const char *
identity(struct reader *rd, int64_t time, const char *model,
    const struct codex_counts *c)
{
	struct tk_buf *b = &rd->scratch;
	struct hash128 h;

	tk_buf_reset(b);
	tk_buf_addf(b,
	    "%" PRId64 " %s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
	    " %" PRId64,
	    time, model, c->input, c->cached, c->output, c->reasoning,
	    c->total);
	h = hash_bytes(b->s, b->len);
	tk_buf_reset(b);
	tk_buf_adds(b, "codex:");
	hash_add(&h, b);
	return batch_text(rd->batch, b->s, b->len);
}

static const char *
kept(struct reader *rd, const char *text)
{
	struct json_text t = { text, text != NULL ? strlen(text) : 0, false };

	return reader_name(rd, &t);
}

static int64_t
at_most(int64_t n, int64_t most)
{
	return n < most ? n : most;
}

/* What is not as the log has it, as a JSON object; or NULL. */
static const char *
remarks(const struct codex_state *st, const char *model)
{
	if (st->model == NULL)
		return "{\"model_fallback\":true}";
	if (model != st->model)
		return "{\"logged_model\":\"codex-auto-review\"}";
	return NULL;
}

static int64_t
tier_of(const struct codex_state *st)
{
	const char *tier = st->tier != NULL ? st->tier : "";

	if (strcmp(tier, "fast") == 0 || strcmp(tier, "priority") == 0)
		return TIER_PRIORITY;
	if (strcmp(tier, "flex") == 0)
		return TIER_FLEX;
	return strcmp(tier, "batch") == 0 ? TIER_BATCH : TIER_STANDARD;
}

/* Where no line says the session, the name of its file does: it ends in the
 * id. */
static const char *
session_of(struct reader *rd)
{
	const struct codex_state *st = rd->state;
	const char *slash = strrchr(rd->path, '/');
	const char *base = slash != NULL ? slash + 1 : rd->path;
	size_t n = strlen(base);

	if (st->session != NULL || n < 42 || strncmp(base, "rollout-", 8) != 0)
		return kept(rd, st->session);
	return batch_name(rd->batch, base + n - 42, 36);
}

void
codex_give(struct reader *rd, int64_t time, const struct codex_counts *c,
    const char *request_id)
{
	const struct codex_state *st = rd->state;
	const char *model = model_at(st, time);
	struct usage_record r;

	record_init(&r);
	r.time = time;
	r.application = "codex";
	r.model = kept(rd, model);
	r.provider = kept(rd, st->provider);
	r.session = session_of(rd);
	r.project = kept(rd, st->cwd);
	r.agent = kept(rd, st->agent);
	/* input counts what came from the cache and what went into it */
	r.cache_read_tokens = at_most(c->cached, c->input);
	r.cache_write_other_tokens =
	    at_most(c->cache_write, c->input - r.cache_read_tokens);
	r.input_tokens =
	    c->input - r.cache_read_tokens - r.cache_write_other_tokens;
	r.output_tokens = c->output;
	r.reasoning_tokens = at_most(c->reasoning, c->output);
	r.tier = tier_of(st);
	r.metadata = remarks(st, model);
	r.request_id =
	    request_id != NULL ? request_id : identity(rd, time, model, c);
	reader_give(rd, &r);
}

/* The same response as a token_usage_record: then no compaction is it. */
static void
forget_response(struct codex_state *st, const struct codex_counts *used)
{
	for (int i = 0; i < RESPONSES; i++) {
		struct codex_response *r = &st->responses[i];

		if (r->id == NULL || !codex_is_same(&r->used, used))
			continue;
		free(r->id);
		r->id = NULL;
		return;
	}
}

/* A copy of history ends where the parent's file does, or with a pause. */
static bool
is_copied(struct reader *rd, const struct codex_info *info)
{
	struct codex_state *st = rd->state;

	if (!st->copying || st->dated)
		return st->copying;
	if (codex_is_history(rd, info))
		return true;
	if (st->paused || st->matched > 0)
		st->copying = false;
	return st->copying;
}

/* {"total_token_usage", "last_token_usage", "model"}, or null. */
void
codex_token_count(struct reader *rd, struct json_scan *s, int64_t time)
{
	struct codex_state *st = rd->state;
	struct codex_info info;
	struct codex_counts *last = &info.last;
	bool copied;

	if (!codex_read_info(s, &info)) {
		reader_skip(rd, SKIP_OTHER); /* limits only */
		return;
	}
	codex_set_text(&st->model, rd, &info.model);
	if (info.wrong != NULL) {
		reader_bad(rd, "%s is no count", info.wrong);
		return;
	}
	if (!info.has_total && !info.has_last) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (info.has_total && st->counted &&
	    codex_is_same(&info.total, &st->before)) {
		reader_skip(rd, SKIP_REPEATED);
		return;
	}
	if (!info.has_last)
		*last = difference(&info.total, &st->before);
	copied = is_copied(rd, &info);
	if (info.has_total) {
		st->before = info.total;
		st->counted = true;
	}
	forget_response(st, last);
	if (copied)
		reader_skip(rd, SKIP_REPLAYED);
	else if (last->input == 0 && last->output == 0)
		reader_skip(rd, SKIP_OTHER); /* a full context, not a call */
	else
		codex_give(rd, time, last, NULL);
}

/* {"response_id", "usage"}: what one response used. */
void
codex_response(struct reader *rd, const struct json_text *payload, int64_t time)
{
	struct codex_state *st = rd->state;
	struct codex_response *r = &st->responses[st->next];
	struct codex_counts used = { 0 };
	struct json_text key, id = { 0 };
	const char *wrong = NULL;
	struct json_scan s;
	bool found = false;

	json_scan_init(&s, payload->p, payload->n);
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &key)) {
			if (json_text_is(&key, "response_id"))
				json_scan_text(&s, &id);
			else if (json_text_is(&key, "usage"))
				found = codex_read_counts(&s, &used, &wrong);
			else
				json_scan_skip(&s);
		}
	if (wrong != NULL) {
		reader_bad(rd, "%s is no count", wrong);
		return;
	}
	if (id.n > 0 && found) {
		codex_set_text(&r->id, rd, &id);
		r->time = time;
		r->used = used;
		st->next = (st->next + 1) % RESPONSES;
	}
	reader_skip(rd, SKIP_OTHER);
}

/* {"compaction_response_id"}: that response is a call of its own. */
void
codex_compacted(struct reader *rd, const struct json_text *payload)
{
	struct codex_state *st = rd->state;
	struct json_text key, id = { 0 };
	struct codex_response *r = NULL;
	struct json_scan s;

	json_scan_init(&s, payload->p, payload->n);
	if (json_scan_object(&s) > 0)
		while (json_scan_key(&s, &key)) {
			if (json_text_is(&key, "compaction_response_id"))
				json_scan_text(&s, &id);
			else
				json_scan_skip(&s);
		}
	for (int i = 0; id.n > 0 && i < RESPONSES; i++)
		if (st->responses[i].id != NULL &&
		    json_text_is(&id, st->responses[i].id))
			r = &st->responses[i];
	if (r == NULL) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (st->copying) {
		reader_skip(rd, SKIP_REPLAYED);
	} else {
		struct hash128 h = hash_bytes(r->id, strlen(r->id));

		tk_buf_reset(&rd->scratch);
		tk_buf_adds(&rd->scratch, "codex:response:");
		hash_add(&h, &rd->scratch);
		codex_give(rd, r->time, &r->used,
		    batch_text(rd->batch, rd->scratch.s, rd->scratch.len));
	}
	free(r->id);
	r->id = NULL;
}
