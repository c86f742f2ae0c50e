/*
 * Qwen Code: ~/.qwen/projects/<project>/chats/<session>.jsonl, a line for
 * each message.  The usage is that of Gemini's API; other models are asked
 * through it, too.
 */
#include <string.h>

#include "base/attr.h"
#include "ingest/api_usage.h"
#include "ingest/docs.h"
#include "ingest/pick.h"

static void
on_value(struct reader *rd, const char *text, size_t n)
{
	struct pick v[] = { { .path = "type" }, { .path = "usageMetadata" },
		{ .path = "timestamp" }, { .path = "sessionId" },
		{ .path = "model" }, { .path = "cwd" }, { .path = "uuid" } };
	struct usage_record r;
	struct api_usage u;
	struct json_scan s;
	const char *uuid;

	if (!pick_read(v, TK_LEN(v), text, n, &s)) {
		docs_bad(rd, &s);
		return;
	}
	record_init(&r);
	api_usage_init(&u);
	if (!pick_is(&v[0], "assistant") || !api_usage_read(&u, &v[1].t) ||
	    !api_usage_fill(&u, &r) || record_total(&r) == 0) {
		reader_skip(rd, SKIP_OTHER);
		return;
	}
	if (u.wrong != NULL) {
		reader_bad(rd, "%s is no count", u.wrong);
		return;
	}
	if (!pick_time(&v[2], &r.time)) {
		reader_bad(rd, "timestamp: it is no time");
		return;
	}
	r.application = "qwen-code";
	r.session = pick_name(rd, &v[3]);
	if (r.session == NULL)
		r.session = reader_path_name(rd, 0);
	r.model = pick_name(rd, &v[4]);
	r.project = pick_name(rd, &v[5]);
	uuid = pick_name(rd, &v[6]);
	if (reader_is_unique(uuid))
		r.request_id = reader_textf(rd, "qwen:%s", uuid);
	else
		reader_fingerprint(rd, &r, "qwen", NULL);
	reader_give(rd, &r);
}

static void
qwen_places(struct walk *w)
{
	const char *dir = walk_env("QWEN_HOME");

	if (dir != NULL)
		walk_place(w, "%s/projects", dir);
	else if (walk_home() != NULL)
		walk_place(w, "%s/.qwen/projects", walk_home());
}

static bool
qwen_wants(const char *path)
{
	return walk_ends(path, ".jsonl") && strstr(path, "/chats/") != NULL;
}

static const char *const qwen_marks[] = {
	"sessionId type usageMetadata/totalTokenCount",
	"sessionId type usageMetadata/promptTokenCount",
	NULL,
};

const struct importer importer_qwen = {
	.name = "qwen",
	.title = "Qwen Code",
	.version = 1,
	.state_size = sizeof(struct docs),
	.places = qwen_places,
	.wants = qwen_wants,
	.marks = qwen_marks,
	.open = docs_open,
	.line = docs_read_line,
	.value = on_value,
	.whole = docs_is_whole,
	.carry = docs_carry,
	.end = docs_read_end,
	.close = docs_close,
};
