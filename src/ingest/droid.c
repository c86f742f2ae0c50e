/*
 * Droid (Factory): ~/.factory/sessions/<folder>/<session>.settings.json.  Its
 * tokenUsage is the sum of the session so far, and no call is logged by
 * itself; so a session is one record, which a later and larger sum replaces.
 */
#include <string.h>

#include "base/attr.h"
#include "ingest/docs.h"
#include "ingest/pick.h"

enum {
	D_MODEL,
	D_PROVIDER,
	D_LOCKED,
	D_INPUT,
	D_OUTPUT,
	D_WRITE,
	D_READ,
	D_THINKING,
	D_USAGE,
	D_SESSION,
	PICKS,
};

static const char *const paths[PICKS] = {
	[D_MODEL] = "model",
	[D_PROVIDER] = "providerLock",
	[D_LOCKED] = "providerLockTimestamp",
	[D_INPUT] = "tokenUsage/inputTokens",
	[D_OUTPUT] = "tokenUsage/outputTokens",
	[D_WRITE] = "tokenUsage/cacheCreationTokens",
	[D_READ] = "tokenUsage/cacheReadTokens",
	[D_THINKING] = "tokenUsage/thinkingTokens",
	[D_USAGE] = "tokenUsage",
	[D_SESSION] = "sessionId",
};

static bool
read_counts(struct reader *rd, const struct pick *v, struct usage_record *r)
{
	const struct pick_to counts[] = {
		{ D_INPUT, &r->input_tokens },
		{ D_OUTPUT, &r->output_tokens },
		{ D_WRITE, &r->cache_write_5m_tokens },
		{ D_READ, &r->cache_read_tokens },
		{ D_THINKING, &r->reasoning_tokens },
	};

	return pick_counts(rd, v, counts, TK_LEN(counts)) &&
	    reader_add_reasoning(rd, r);
}

/* "custom:Claude-Sonnet-4.5-[Anthropic]-0" is a name in its settings. */
static const char *
model_of(struct reader *rd, const struct pick *said)
{
	const char *name = pick_name(rd, said);

	if (name != NULL && strncmp(name, "custom:", 7) == 0 && name[7] != '\0')
		name += 7;
	return name;
}

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct pick v[PICKS];
	struct usage_record r;
	struct json_scan s;

	for (int i = 0; i < PICKS; i++)
		v[i].path = paths[i];
	if (!pick_read(v, PICKS, text, n, &s)) {
		docs_bad(rd, &s);
		return;
	}
	record_init(&r);
	if (v[D_USAGE].kind != JSON_IS_OBJECT) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (!read_counts(rd, v, &r))
		return;
	r.session = pick_name(rd, &v[D_SESSION]);
	if (r.session == NULL)
		r.session = reader_path_name(rd, 0);
	if (record_total(&r) == 0 || r.session == NULL) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (!pick_time(&v[D_LOCKED], &r.time))
		r.time = rd->mtime;
	r.application = "droid";
	r.model = model_of(rd, &v[D_MODEL]);
	r.provider = pick_name(rd, &v[D_PROVIDER]);
	if (r.provider != NULL && strcmp(r.provider, "factory") == 0)
		r.provider = NULL;
	r.request_id = reader_textf(rd, "droid:%s", r.session);
	reader_give(rd, &r);
}

static void
droid_places(struct walk *w)
{
	if (walk_home() != NULL)
		walk_place(w, "%s/.factory/sessions", walk_home());
}

static bool
droid_wants(const char *path)
{
	return walk_ends(path, ".settings.json");
}

static const char *const droid_marks[] = {
	"tokenUsage/inputTokens",
	"tokenUsage/outputTokens",
	NULL,
};

const struct importer importer_droid = {
	.name = "droid",
	.title = "Droid",
	.version = 1,
	.state_size = sizeof(struct docs),
	.places = droid_places,
	.wants = droid_wants,
	.marks = droid_marks,
	.open = docs_open,
	.line = docs_read_line,
	.value = on_value,
	.whole = docs_is_whole,
	.carry = docs_carry,
	.end = docs_read_end,
	.close = docs_close,
};
