/*
 * What "codex exec --json" prints, kept in a file: lines {"type", ...}
 * without a time or a payload, of which "thread.started" has the thread's id
 * and "turn.completed" the usage.
 *
 * In a thread that is known the usage is a counter since the thread began,
 * also when it goes on in another capture, so the thread is one call at the
 * counter's end.  Lines without a thread are each a run of its own.  A call has
 * the time at which the file was last written, unless its line has one.  A
 * thread whose rollout is on this machine is passed over: the rollout says
 * more.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/time.h"
#include "ingest/codex_state.h"
#include "ingest/hash.h"
#include "ingest/run.h"

struct capture_line {
	struct json_text time, thread, model;
	struct codex_counts used;
	const char *wrong;
	bool has_usage;
};

static void
read_capture(const char *text, size_t n, struct capture_line *l)
{
	struct json_text key;
	struct json_scan s;

	*l = (struct capture_line){ .wrong = NULL };
	json_scan_init(&s, text, n);
	if (json_scan_object(&s) <= 0)
		return;
	while (json_scan_key(&s, &key)) {
		if (json_text_is(&key, "timestamp"))
			json_scan_text(&s, &l->time);
		else if (json_text_is(&key, "thread_id"))
			json_scan_text(&s, &l->thread);
		else if (json_text_is(&key, "model"))
			json_scan_text(&s, &l->model);
		else if (json_text_is(&key, "usage"))
			l->has_usage =
			    codex_read_counts(&s, &l->used, &l->wrong);
		else
			json_scan_skip(&s);
	}
}

/* In ~/.codex or $CODEX_HOME. */
static bool
has_rollout(const char *thread)
{
	const char *set = walk_env("CODEX_HOME");
	const char *home = walk_home();
	struct tk_buf near = TK_BUF_INIT;
	char *path;

	if (set != NULL)
		tk_buf_addf(&near, "%s/sessions/", set);
	else
		tk_buf_addf(&near, "%s/.codex/sessions/",
		    home != NULL ? home : "");
	path = codex_find_rollout(near.s, thread);
	tk_buf_release(&near);
	free(path);
	return path != NULL;
}

static int64_t
time_of(const struct reader *rd, const struct capture_line *l)
{
	struct stat st;
	int64_t ms;

	if (l->time.n > 0 && tk_time_parse(l->time.p, l->time.n, NULL, &ms))
		return ms;
	if (strcmp(rd->path, "-") != 0 && stat(rd->path, &st) == 0)
		return (int64_t)st.st_mtim.tv_sec * 1000 +
		    st.st_mtim.tv_nsec / 1000000;
	return rd->options->now;
}

static const char *
capture_id(struct reader *rd, const struct capture_line *l)
{
	struct codex_state *st = rd->state;
	const struct codex_counts *c = &l->used;
	struct tk_buf *b = &rd->scratch;
	struct hash128 h;

	tk_buf_reset(b);
	if (st->session != NULL) {
		tk_buf_addf(b, "exec %s %" PRId64, st->session, st->resets);
	} else {
		tk_buf_addf(b,
		    "exec %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
		    " %" PRId64,
		    c->input, c->cached, c->cache_write, c->output,
		    c->reasoning);
		h = hash_bytes(b->s, b->len);
		tk_buf_addf(b, " %" PRIu32, ids_see(&st->captured, h.a));
	}
	h = hash_bytes(b->s, b->len);
	tk_buf_reset(b);
	tk_buf_adds(b, "codex:");
	hash_add(&h, b);
	return batch_text(rd->batch, b->s, b->len);
}

static void
begin_thread(struct reader *rd, const struct capture_line *l)
{
	struct codex_state *st = rd->state;
	char *before = st->session;

	if (l->thread.n == 0)
		return;
	st->session = NULL;
	codex_set_text(&st->session, rd, &l->thread);
	if (before == NULL || strcmp(before, st->session) != 0) {
		st->before = (struct codex_counts){ 0 };
		st->resets = 0;
	}
	st->copying = has_rollout(st->session);
	free(before);
}

static void
give_turn(struct reader *rd, struct capture_line *l)
{
	struct codex_state *st = rd->state;
	const struct codex_counts *used = &l->used;

	if (l->wrong != NULL) {
		reader_bad(rd, "%s is no count", l->wrong);
		return;
	}
	codex_set_text(&st->model, rd, &l->model);
	st->resets += used->total < st->before.total;
	st->before = *used;
	if (st->copying)
		reader_skip(rd, SKIP_REPLAYED);
	else if (used->input == 0 && used->output == 0)
		reader_skip(rd, SKIP_OTHER);
	else
		codex_give(rd, time_of(rd, l), used, capture_id(rd, l));
}

bool
codex_capture_line(struct reader *rd, const char *text, size_t n,
    const struct json_text *type)
{
	struct codex_state *st = rd->state;
	bool started = json_text_is(type, "thread.started");
	struct capture_line l;

	if (!started && !json_text_is(type, "turn.completed"))
		return false;
	st->capture = true;
	read_capture(text, n, &l);
	if (started)
		begin_thread(rd, &l);
	if (started || !l.has_usage)
		reader_skip(rd, SKIP_OTHER);
	else
		give_turn(rd, &l);
	return true;
}

bool
codex_is_capture(const struct json_text *type)
{
	static const char *const types[] = { "thread.started", "turn.started",
		"turn.completed", "turn.failed", "item.started",
		"item.completed" };

	for (size_t i = 0; i < TK_LEN(types); i++)
		if (json_text_is(type, types[i]))
			return true;
	return false;
}
