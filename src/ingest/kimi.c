/*
 * Kimi CLI: ~/.kimi/sessions/<group>/<session>/wire.jsonl, and Kimi Code:
 * ~/.kimi-code/sessions/<folder>/<session>/agents/<agent>/wire.jsonl.
 *
 * The former writes {"timestamp", "message":{"type":"StatusUpdate"}} with the
 * usage of the message so far, under the message's id, and its settings say
 * which model it was; the latter "usage.record" with the model.  Those of
 * the scope "session" are sums of the others.
 */
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/file.h"
#include "ingest/docs.h"
#include "ingest/pick.h"

static const char fallback_model[] = "kimi-for-coding";

enum { CONFIG_MOST = 64 * 1024, MODEL_MOST = 256 };

struct kimi_state {
	struct docs docs;       /* first */
	char model[MODEL_MOST]; /* of the settings; "" until it is asked for */
};

enum {
	K_TYPE,
	K_TIME,
	K_STAMP,
	K_MODEL,
	K_SCOPE,
	K_KIND,
	K_ID,
	K_INPUT,
	K_READ = K_INPUT + 2,
	K_WRITE = K_READ + 2,
	K_OUTPUT = K_WRITE + 2,
	PICKS = K_OUTPUT + 2,
};

/* Counts are two each: of the old form and of the new one. */
#define OLD "message/payload/token_usage/"
static const char *const paths[PICKS] = {
	[K_TYPE] = "type",
	[K_TIME] = "time",
	[K_STAMP] = "timestamp",
	[K_MODEL] = "model",
	[K_SCOPE] = "usageScope",
	[K_KIND] = "message/type",
	[K_ID] = "message/payload/message_id",
	[K_INPUT] = OLD "input_other",
	[K_INPUT + 1] = "usage/inputOther",
	[K_READ] = OLD "input_cache_read",
	[K_READ + 1] = "usage/inputCacheRead",
	[K_WRITE] = OLD "input_cache_creation",
	[K_WRITE + 1] = "usage/inputCacheCreation",
	[K_OUTPUT] = OLD "output",
	[K_OUTPUT + 1] = "usage/output",
};
#undef OLD

/* The model of ~/.kimi/config.json, which is three folders above a session. */
static void
read_settings(struct reader *rd)
{
	struct kimi_state *st = rd->state;
	struct pick v[] = { { .path = "model" }, { .path = "default_model" } };
	struct tk_buf path = TK_BUF_INIT, text = TK_BUF_INIT;
	const char *name = fallback_model;
	const char *sessions = strstr(rd->path, "/sessions/");
	struct tk_err ignored = TK_ERR_INIT;
	struct json_scan s;

	if (sessions != NULL) {
		tk_buf_addf(&path, "%.*s/config.json",
		    (int)(sessions - rd->path), rd->path);
		tk_read_file(path.s, CONFIG_MOST, &text, &ignored);
	}
	if (text.len > 0) {
		pick_read(v, TK_LEN(v), text.s, text.len, &s);
		name = pick_name(rd, pick_has(&v[0]) ? &v[0] : &v[1]);
		if (name == NULL)
			name = fallback_model;
	}
	if (strlen(name) < MODEL_MOST)
		memcpy(st->model, name, strlen(name) + 1);
	else
		memcpy(st->model, fallback_model, sizeof(fallback_model));
	tk_buf_release(&path);
	tk_buf_release(&text);
}

static const char *
model_of(struct reader *rd, const struct pick *said)
{
	struct kimi_state *st = rd->state;
	const char *name = pick_name(rd, said);

	if (name != NULL && strncmp(name, "kimi-code/", 10) == 0 &&
	    name[10] != '\0')
		return name + 10;
	if (name != NULL)
		return name;
	if (st->model[0] == '\0')
		read_settings(rd);
	return batch_name(rd->batch, st->model, strlen(st->model));
}

/* A usage.record of a turn, or the status of a message. */
static bool
is_usage(const struct pick *v)
{
	if (pick_is(&v[K_TYPE], "usage.record"))
		return pick_is(&v[K_SCOPE], "turn");
	return pick_is(&v[K_KIND], "StatusUpdate");
}

static bool
read_counts(struct reader *rd, const struct pick *v, struct usage_record *r)
{
	struct {
		int at;
		int64_t *to;
	} counts[] = {
		{ K_INPUT, &r->input_tokens },
		{ K_READ, &r->cache_read_tokens },
		{ K_WRITE, &r->cache_write_other_tokens },
		{ K_OUTPUT, &r->output_tokens },
	};

	for (size_t i = 0; i < TK_LEN(counts); i++) {
		const struct pick *p = &v[counts[i].at];

		p += pick_has(p) ? 0 : 1;
		if (pick_count(p, counts[i].to))
			continue;
		reader_bad(rd, "%s is no count", p->path);
		return false;
	}
	return true;
}

static const char *
session_of(struct reader *rd)
{
	const char *above = reader_path_name(rd, 2);

	return reader_path_name(rd,
	    above != NULL && strcmp(above, "agents") == 0 ? 3 : 1);
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct pick v[PICKS];
	struct usage_record r;
	struct json_scan s;
	const char *id;

	for (int i = 0; i < PICKS; i++)
		v[i].path = paths[i];
	if (!pick_read(v, PICKS, text, n, &s)) {
		docs_bad(rd, &s);
		return;
	}
	record_init(&r);
	if (!is_usage(v)) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (!read_counts(rd, v, &r))
		return;
	if (record_total(&r) == 0) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (!pick_time(pick_has(&v[K_TIME]) ? &v[K_TIME] : &v[K_STAMP],
		&r.time)) {
		reader_bad(rd, "timestamp: it is no time");
		return;
	}
	r.application = "kimi-cli";
	r.model = model_of(rd, &v[K_MODEL]);
	r.session = session_of(rd);
	id = pick_name(rd, &v[K_ID]);
	if (reader_is_unique(id))
		r.request_id = reader_textf(rd, "kimi:%s", id);
	else if (id != NULL)
		r.request_id = reader_textf(rd, "kimi:%s:%s",
		    r.session != NULL ? r.session : "", id);
	else
		reader_fingerprint(rd, &r, "kimi", NULL);
	reader_give(rd, &r);
}

static void
kimi_places(struct walk *w)
{
	const char *dir = walk_env("KIMI_SHARE_DIR");

	if (dir != NULL)
		walk_place(w, "%s/sessions", dir);
	else if (walk_home() != NULL)
		walk_place(w, "%s/.kimi/sessions", walk_home());
	if (walk_home() != NULL)
		walk_place(w, "%s/.kimi-code/sessions", walk_home());
}

static bool
kimi_wants(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL && strcmp(slash, "/wire.jsonl") == 0;
}

static const char *const kimi_marks[] = {
	"message/payload message/type",
	"usage/inputOther",
	"type=metadata protocol_version",
	NULL,
};

const struct importer importer_kimi = {
	.name = "kimi",
	.title = "Kimi CLI and Kimi Code",
	.version = 1,
	.state_size = sizeof(struct kimi_state),
	.places = kimi_places,
	.wants = kimi_wants,
	.marks = kimi_marks,
	.open = docs_open,
	.line = docs_read_line,
	.value = on_value,
	.whole = docs_is_whole,
	.carry = docs_carry,
	.end = docs_read_end,
	.close = docs_close,
};
