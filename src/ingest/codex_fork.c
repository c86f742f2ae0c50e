/*
 * Codex: the history that a session began with, and where it came from.
 *
 * A forked session repeats the counters of its parent, under new times.  If
 * the ids of turns do not tell the copy from what is new, the parent's file
 * does: the copy is as long as both have the same counters.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "ingest/codex_state.h"
#include "ingest/lines.h"
#include "ingest/run.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int64_t
codex_uuid7_time(const char *p, size_t n)
{
	int64_t ms = 0;

	if (n != 36 || p[14] != '7')
		return -1;
	for (int i = 0; i < 13; i++) {
		int d = hex_digit(p[i]);

		if (i == 8)
			continue;
		if (d < 0)
			return -1;
		ms = ms << 4 | d;
	}
	return ms;
}

/* The rollout of a session in one folder, or NULL. */
static char *
find_in(const char *folder, const char *id)
{
	struct tk_buf path = TK_BUF_INIT;
	const struct dirent *e;
	size_t n = strlen(id);
	DIR *d = opendir(folder);

	if (d == NULL)
		return NULL;
	while (path.len == 0 && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);

		if (len > n + 14 && strncmp(e->d_name, "rollout-", 8) == 0 &&
		    memcmp(e->d_name + len - n - 6, id, n) == 0 &&
		    strcmp(e->d_name + len - 6, ".jsonl") == 0)
			tk_buf_addf(&path, "%s/%s", folder, e->d_name);
	}
	closedir(d);
	if (path.len > 0)
		return tk_buf_detach(&path);
	tk_buf_release(&path);
	return NULL;
}

/*
 * Folders are named for the local day on which a session began.  home: the
 * folder that holds sessions and archived_sessions.
 */
static char *
find_below(const char *home, int home_len, const char *id)
{
	static const char *const places[] = { "sessions", "archived_sessions" };
	int64_t ms = codex_uuid7_time(id, strlen(id));
	struct tk_buf b = TK_BUF_INIT;
	char *found = NULL;

	for (size_t i = 0; found == NULL && i < TK_LEN(places); i++) {
		tk_buf_reset(&b);
		tk_buf_addf(&b, "%.*s/%s", home_len, home, places[i]);
		found = find_in(b.s, id);
		for (int day = -1; found == NULL && ms >= 0 && day <= 1;
		     day++) {
			time_t at = (time_t)(ms / 1000) + day * 86400;
			struct tm tm;

			gmtime_r(&at, &tm);
			tk_buf_reset(&b);
			tk_buf_addf(&b, "%.*s/%s/%04d/%02d/%02d", home_len,
			    home, places[i], tm.tm_year + 1900, tm.tm_mon + 1,
			    tm.tm_mday);
			found = find_in(b.s, id);
		}
	}
	tk_buf_release(&b);
	return found;
}

char *
codex_find_rollout(const char *near, const char *id)
{
	const char *slash = strrchr(near, '/');
	const char *home = strstr(near, "/sessions/");
	char *folder, *found = NULL;

	if (home == NULL)
		home = strstr(near, "/archived_sessions/");
	if (home != NULL)
		found = find_below(near, (int)(home - near), id);
	if (found != NULL || slash == NULL)
		return found;
	folder = tk_xstrdup(near);
	folder[slash - near] = '\0';
	found = find_in(folder, id);
	free(folder);
	return found;
}

/* The "info" of a token_count line, as it is; false for other lines. */
static bool
find_info(const char *text, size_t n, int64_t *time, struct json_text *info)
{
	struct json_text key, type = { 0 }, at = { "", 0, false };
	struct json_scan s;
	bool ours = false;

	*info = (struct json_text){ 0 };
	json_scan_init(&s, text, n);
	if (json_scan_object(&s) <= 0)
		return false;
	while (json_scan_key(&s, &key)) {
		if (json_text_is(&key, "timestamp")) {
			json_scan_text(&s, &at);
		} else if (json_text_is(&key, "payload") &&
		    json_scan_object(&s) > 0) {
			while (json_scan_key(&s, &key))
				if (json_text_is(&key, "type"))
					json_scan_text(&s, &type);
				else if (json_text_is(&key, "info"))
					json_scan_raw(&s, info);
				else
					json_scan_skip(&s);
			ours = json_text_is(&type, "token_count");
		} else if (!json_text_is(&key, "payload")) {
			json_scan_skip(&s);
		}
	}
	return json_scan_end(&s) && ours &&
	    tk_time_parse(at.p, at.n, NULL, time);
}

/* Of each line that moved the counter, the counter. */
static void
add_history(struct codex_state *st, const char *text, size_t n)
{
	const struct codex_counts *last;
	struct codex_info info;
	struct json_text raw;
	struct json_scan s;
	int64_t time;

	if (!find_info(text, n, &time, &raw) || time > st->forked)
		return;
	json_scan_init(&s, raw.p, raw.n);
	if (!codex_read_info(&s, &info) || info.wrong != NULL ||
	    !info.has_total)
		return;
	last = st->nhistory > 0 ? &st->history[st->nhistory - 1] : NULL;
	if (last != NULL && codex_is_same(last, &info.total))
		return;
	if ((st->nhistory & (st->nhistory - 1)) == 0)
		st->history = tk_xreallocarray(st->history,
		    st->nhistory > 0 ? 2 * st->nhistory : 1,
		    sizeof(*st->history));
	st->history[st->nhistory++] = info.total;
}

static void
read_history(struct reader *rd)
{
	struct codex_state *st = rd->state;
	struct tk_err err = TK_ERR_INIT;
	struct lines lines;
	const char *text;
	char *path;
	size_t n;
	int fd = -1, got;

	st->history_read = true;
	path = st->parent != NULL ? codex_find_rollout(rd->path, st->parent)
				  : NULL;
	if (path != NULL)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	free(path);
	if (fd < 0)
		return;
	lines_init(&lines, fd, 0, LINE_MAX_BYTES);
	while ((got = lines_next(&lines, &text, &n, &err)) > 0)
		if (got != LINES_LONG)
			add_history(st, trim_line(text, &n), n);
	lines_release(&lines);
	close(fd);
}

bool
codex_is_history(struct reader *rd, const struct codex_info *info)
{
	struct codex_state *st = rd->state;
	size_t at = (size_t)st->matched;

	if (!info->has_total)
		return false;
	if (!st->history_read)
		read_history(rd);
	if (at >= st->nhistory ||
	    !codex_is_same(&info->total, &st->history[at]))
		return false;
	st->matched++;
	return true;
}
