/*
 * Claude Code: what runs beside the main conversation.
 *
 * A helper writes a file of its own, S/subagents/agent-ID.jsonl beside the
 * session's S.jsonl, or agent-ID.jsonl in the same folder in old versions;
 * agent-ID.meta.json says what kind of helper it is.  Still older versions
 * wrote its lines into the session's file.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/time.h"
#include "ingest/claude_state.h"
#include "ingest/hash.h"
#include "ingest/lines.h"
#include "ingest/run.h"

void
claude_unshare(void *shared_)
{
	struct claude_shared *shared = shared_;

	free(shared->path);
	ids_release(&shared->messages);
	shared->path = NULL;
	shared->latest = shared->size = 0;
}

static bool
is_helpers(const char *path)
{
	const char *slash = strrchr(path, '/');

	return strstr(path, "/subagents/") != NULL ||
	    strncmp(slash != NULL ? slash + 1 : path, "agent-", 6) == 0;
}

static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

void
claude_begin_session(struct reader *rd)
{
	struct claude_shared *shared = rd->shared;

	if (shared == NULL || is_helpers(rd->path))
		return;
	claude_unshare(shared);
	shared->path = tk_xstrdup(rd->path);
	shared->size = size_of(rd->path);
}

/* The file of the session whose helper wrote path, or NULL. */
static char *
main_of(const char *path)
{
	const char *below = strstr(path, "/subagents/");
	struct tk_buf b = TK_BUF_INIT;

	if (below == NULL)
		return NULL;
	tk_buf_addf(&b, "%.*s.jsonl", (int)(below - path), path);
	return tk_buf_detach(&b);
}

bool
claude_stale(const char *path, const char *carry)
{
	char *main = main_of(path);
	int64_t time, judged;
	bool stale;

	stale = main != NULL &&
	    sscanf(carry, "?%" SCNd64 ":%" SCNd64, &time, &judged) == 2 &&
	    size_of(main) > judged;
	free(main);
	return stale;
}

/*
 * What a message is known by.  An id that Anthropic gave is one message's
 * for ever; of other ids, which may be the same on all messages, the input
 * side has to agree too.
 */
static uint64_t
message_key(struct reader *rd, const struct claude_line *l)
{
	const struct claude_usage *u = &l->usage;
	struct tk_buf *b = &rd->scratch;

	tk_buf_reset(b);
	json_text_add(&l->message, b);
	if (b->len < 24 || strncmp(b->s, "msg_", 4) != 0)
		tk_buf_addf(b, " %" PRId64 " %" PRId64 " %" PRId64, u->input,
		    u->cache_write, u->cache_read);
	return hash_bytes(b->s, b->len).a;
}

static uint64_t
call_key(struct reader *rd, const struct claude_line *l)
{
	tk_buf_reset(&rd->scratch);
	json_text_add(&l->message, &rd->scratch);
	tk_buf_adds(&rd->scratch, "\n");
	json_text_add(&l->request, &rd->scratch);
	return hash_bytes(rd->scratch.s, rd->scratch.len).a;
}

static void
learn(struct reader *rd, const struct claude_line *l)
{
	struct claude_shared *shared = rd->shared;
	int64_t time;

	if (tk_time_parse(l->time.p, l->time.n, NULL, &time) &&
	    time > shared->latest)
		shared->latest = time;
	ids_see(&shared->messages, message_key(rd, l));
	ids_see(&shared->messages, call_key(rd, l));
}

/* The file of the session; this one, if it is no helper's. */
static char *
main_path(struct reader *rd, const struct claude_line *l)
{
	const char *slash = strrchr(rd->path, '/');
	int folder = slash != NULL ? (int)(slash + 1 - rd->path) : 0;
	struct tk_buf path = TK_BUF_INIT;
	char *main = main_of(rd->path);

	if (main != NULL)
		return main;
	if (!is_helpers(rd->path))
		tk_buf_adds(&path, rd->path);
	else
		tk_buf_addf(&path, "%.*s%s.jsonl", folder, rd->path,
		    claude_session(rd, l));
	return tk_buf_detach(&path);
}

/* All messages of the main conversation that are in a file. */
static void
read_main(struct reader *rd, char *path)
{
	struct claude_shared *shared = rd->shared;
	struct tk_err err = TK_ERR_INIT;
	struct lines lines;
	const char *text;
	size_t n;
	int fd, got;

	claude_unshare(shared);
	shared->path = path;
	shared->size = size_of(path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return; /* gone: then nothing can be a copy of it */
	lines_init(&lines, fd, 0, LINE_MAX_BYTES);
	while ((got = lines_next(&lines, &text, &n, &err)) > 0) {
		struct claude_line l;
		struct json_scan s;

		if (got == LINES_LONG)
			continue;
		text = trim_line(text, &n);
		if (claude_line_read(&l, text, n, &s) && l.has_usage &&
		    !l.sidechain && l.message.n > 0)
			learn(rd, &l);
	}
	lines_release(&lines);
	close(fd);
}

/*
 * Its first message of its own; or so it seems.  False when an earlier run
 * knew better: the session's file may be gone since.
 */
static bool
begin_own(struct reader *rd, const struct claude_line *l)
{
	const struct claude_shared *shared = rd->shared;
	struct claude_state *st = rd->state;

	if (!tk_time_parse(l->time.p, l->time.n, NULL, &st->own_time))
		st->own_time = 0;
	if (st->own_time < st->own_then)
		return false;
	st->own = true;
	st->judged = shared->size;
	st->settled = shared->latest > st->own_time;
	return true;
}

bool
claude_is_replayed(struct reader *rd, const struct claude_line *l)
{
	struct claude_shared *shared = rd->shared;
	struct claude_state *st = rd->state;
	bool here;
	char *path;

	if (shared == NULL || l->message.n == 0 || l->request.n == 0)
		return false;
	if (!l->sidechain) {
		if (shared->path != NULL && strcmp(shared->path, rd->path) == 0)
			learn(rd, l);
		return false;
	}
	path = main_path(rd, l);
	here = shared->path != NULL && strcmp(shared->path, path) == 0;
	if (here || st->own) {
		free(path);
	} else {
		read_main(rd, path);
		here = true;
	}
	if (!here || ids_has(&shared->messages, call_key(rd, l)))
		return false; /* its own, or the same call: it is merged */
	if (ids_has(&shared->messages, message_key(rd, l)))
		return true;
	if (!st->own && is_helpers(rd->path))
		return !begin_own(rd, l);
	return false;
}

/* {"agentType": "Explore"} beside the helper's file. */
static void
read_type(struct reader *rd)
{
	struct claude_state *st = rd->state;
	struct json_text key, type = { 0 };
	struct tk_buf b = TK_BUF_INIT;
	struct tk_err err;
	struct json_scan s;
	size_t n = strlen(rd->path);
	char *path;

	st->agent_known = true;
	if (n < 6 || strcmp(rd->path + n - 6, ".jsonl") != 0)
		return;
	tk_buf_addf(&b, "%.*s.meta.json", (int)(n - 6), rd->path);
	path = tk_buf_detach(&b);
	if (tk_read_file(path, 65536, &b, &err) == 0) {
		json_scan_init(&s, b.s, b.len);
		if (json_scan_object(&s) > 0) {
			while (json_scan_key(&s, &key))
				if (json_text_is(&key, "agentType"))
					json_scan_text(&s, &type);
				else
					json_scan_skip(&s);
		}
		if (json_scan_end(&s) && type.n > 0) {
			tk_buf_reset(&rd->scratch);
			json_text_add(&type, &rd->scratch);
			st->agent_type = tk_xstrdup(rd->scratch.s);
		}
	}
	free(path);
	tk_buf_release(&b);
}

/* "aside_question-17ab" is an "aside_question". */
static struct json_text
kind_of(struct json_text id)
{
	for (size_t n = id.n; n > 1; n--)
		if (id.p[n - 1] == '-') {
			id.n = n - 1;
			break;
		}
	return id;
}

const char *
claude_agent(struct reader *rd, const struct claude_line *l)
{
	struct claude_state *st = rd->state;
	struct json_text id = kind_of(l->agent), type;
	const char *name;

	if (!l->sidechain && l->agent.n == 0)
		return NULL;
	if (!st->agent_known && is_helpers(rd->path))
		read_type(rd);
	if (st->agent_type != NULL) {
		type = (struct json_text){ st->agent_type,
			strlen(st->agent_type), false };
		return reader_name(rd, &type);
	}
	name = reader_name(rd, &id);
	return name != NULL ? name : "subagent";
}
