#include "provider/limits.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "provider/provider_int.h"
#include "json/json.h"
#include "json/write.h"

enum { FILE_MAX = 1 << 16 };
static const char schema[] = "tokctl.provider-limits/1";

const struct provider_limit *
provider_limits_find(const struct provider_limits *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].name, name) == 0)
			return &l->v[i];
	return NULL;
}

bool
provider_limits_put(struct provider_limits *l,
    const struct provider_limit *seen)
{
	size_t i = 0;

	while (i < l->n && strcmp(l->v[i].name, seen->name) != 0)
		i++;
	if (i == PROVIDER_LIMITS_MAX ||
	    (i < l->n && l->v[i].seen_at > seen->seen_at))
		return false;
	l->v[i] = *seen;
	if (i == l->n)
		l->n++;
	return true;
}

bool
provider_limit_is_over(const struct provider_limit *l, int64_t now)
{
	return l->resets_at > 0 && now >= l->resets_at;
}

static void
read_limit(struct json_scan *s, struct provider_limits *l)
{
	struct provider_limit one = { .used = -1 };
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key))
		if (json_text_is(&key, "name"))
			provider_read_text(s, one.name, sizeof(one.name));
		else if (json_text_is(&key, "used_percentage"))
			provider_read_percent(s, &one.used);
		else if (json_text_is(&key, "resets_at"))
			provider_read_time(s, &one.resets_at);
		else if (json_text_is(&key, "seen_at"))
			provider_read_time(s, &one.seen_at);
		else
			json_scan_skip(s);
	if (one.name[0] != '\0' && one.used >= 0 && one.seen_at > 0)
		provider_limits_put(l, &one);
}

static void
read_list(struct json_scan *s, struct provider_limits *l)
{
	if (json_scan_array(s) > 0)
		while (json_scan_item(s))
			read_limit(s, l);
}

static bool
read_file(struct json_scan *s, struct provider_limits *l)
{
	struct json_text key, word;
	bool ours = false;

	while (json_scan_key(s, &key))
		if (json_text_is(&key, "schema"))
			ours = json_scan_text(s, &word) > 0 &&
			    json_text_is(&word, schema);
		else if (json_text_is(&key, "limits"))
			read_list(s, l);
		else
			json_scan_skip(s);
	return ours;
}

int
provider_limits_parse(struct provider_limits *l, const char *text, size_t len,
    struct tk_err *err)
{
	struct json_scan s;
	bool ours = false;

	*l = (struct provider_limits){ .n = 0 };
	json_scan_init(&s, text, len);
	if (json_scan_object(&s) > 0)
		ours = read_file(&s, l);
	if (json_scan_end(&s) && ours)
		return 0;
	*l = (struct provider_limits){ .n = 0 };
	return tk_fail(err, TK_DATA,
	    "these are no limits as tokctl keeps them");
}

int
provider_limits_load(struct provider_limits *l, const char *path,
    struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	int rc;

	*l = (struct provider_limits){ .n = 0 };
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return 0;
	rc = tk_read_file(path, FILE_MAX, &text, err);
	if (rc == 0 &&
	    (rc = provider_limits_parse(l, text.s, text.len, err)) < 0)
		tk_wrap(err, "'%s'", path);
	tk_buf_release(&text);
	return rc;
}

/* Millionths as a percentage: 425000 is 42.5. */
static void
put_percent(struct json_write *w, int64_t used)
{
	json_write_member_money(w, "used_percentage",
	    (tk_int128)used * (TK_PICO_PER_USD / 10000));
}

int
provider_limits_save(const struct provider_limits *l, const char *path,
    struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	struct json_write w = { .to = &text, .indent = 2 };
	int rc;

	json_write_open(&w, '{');
	json_write_member_text(&w, "schema", schema);
	json_write_key(&w, "limits");
	json_write_open(&w, '[');
	for (size_t i = 0; i < l->n; i++) {
		json_write_open(&w, '{');
		json_write_member_text(&w, "provider", "anthropic");
		json_write_member_text(&w, "source", "claude-code");
		json_write_member_text(&w, "name", l->v[i].name);
		put_percent(&w, l->v[i].used);
		if (l->v[i].resets_at > 0)
			json_write_member_int(&w, "resets_at",
			    l->v[i].resets_at);
		json_write_member_int(&w, "seen_at", l->v[i].seen_at);
		json_write_close(&w, '}');
	}
	json_write_close(&w, ']');
	json_write_close(&w, '}');
	tk_buf_adds(&text, "\n");
	rc = tk_write_state(path, text.s, text.len, err);
	tk_buf_release(&text);
	return rc;
}
