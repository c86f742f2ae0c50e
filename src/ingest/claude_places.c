/* Claude Code: where its logs are, and what they look like. */
#include <string.h>

#include "ingest/claude_state.h"
#include "ingest/run.h"

/* The settings' folder, or the one of projects itself; "~" is the home. */
static void
add_config_dir(struct walk *w, const char *name, size_t n)
{
	const char *home = walk_home();
	struct tk_buf b = TK_BUF_INIT;

	if (name[0] == '~' && (n == 1 || name[1] == '/') && home != NULL) {
		tk_buf_adds(&b, home);
		name++;
		n--;
	}
	tk_buf_add(&b, name, n);
	while (b.len > 1 && b.s[b.len - 1] == '/')
		b.s[--b.len] = '\0';
	if (b.len >= 9 && strcmp(b.s + b.len - 9, "/projects") == 0) {
		walk_place(w, "%s", b.s);
	} else {
		walk_place(w, "%s/projects", b.s);
		walk_place(w, "%s/transcripts", b.s);
	}
	tk_buf_release(&b);
}

static void
add_config_dirs(struct walk *w, const char *list)
{
	while (*list != '\0') {
		size_t n = strcspn(list, ",");
		const char *name = trim_line(list, &n);

		if (n > 0)
			add_config_dir(w, name, n);
		list += strcspn(list, ",");
		list += *list == ',';
	}
}

void
claude_places(struct walk *w)
{
	const char *dirs = walk_env("CLAUDE_CONFIG_DIR");
	const char *config = walk_env("XDG_CONFIG_HOME");
	const char *home = walk_home();
	struct tk_buf b = TK_BUF_INIT;

	if (config != NULL)
		tk_buf_adds(&b, config);
	else if (home != NULL)
		tk_buf_addf(&b, "%s/.config", home);
	if (dirs != NULL) {
		add_config_dirs(w, dirs);
	} else {
		if (b.len > 0)
			walk_place(w, "%s/claude/projects", b.s);
		if (home != NULL) {
			walk_place(w, "%s/.claude/projects", home);
			walk_place(w, "%s/.claude/transcripts", home);
		}
	}
	/* Claude Desktop is another program, with settings of its own */
	if (b.len > 0)
		walk_place(w, "%s/Claude/local-agent-mode-sessions", b.s);
	tk_buf_release(&b);
}

bool
claude_wants(const char *path)
{
	const char *desktop = strstr(path, "/local-agent-mode-sessions/");
	const char *slash = strrchr(path, '/');

	if (!walk_ends(path, ".jsonl"))
		return false;
	if (slash != NULL && strcmp(slash, "/journal.jsonl") == 0 &&
	    strstr(path, "/subagents/") != NULL)
		return false;
	return desktop == NULL || strstr(desktop, "/projects/") != NULL;
}

/* One of the first lines has members that only these logs have. */
enum probe
claude_probe(const struct ingest_options *o, const char *path, const char *head,
    size_t n)
{
	(void)o, (void)path;
	for (int i = 0; i < 8 && n > 0; i++) {
		const char *end = memchr(head, '\n', n);
		size_t len = end != NULL ? (size_t)(end - head) : n;
		size_t whole = end != NULL ? len + 1 : n;
		const char *line = trim_line(head, &len);
		struct json_scan s;
		struct json_text key;
		bool type = false, ours = false;

		json_scan_init(&s, line, len);
		if (json_scan_object(&s) > 0)
			while (json_scan_key(&s, &key)) {
				type = type || json_text_is(&key, "type");
				ours = ours ||
				    json_text_is(&key, "sessionId") ||
				    json_text_is(&key, "isSidechain") ||
				    json_text_is(&key, "leafUuid");
				json_scan_skip(&s);
			}
		if (type && ours)
			return PROBE_LIKELY;
		head += whole;
		n -= whole;
	}
	return PROBE_NO;
}
