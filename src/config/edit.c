/*
 * Changing one setting in a file and no other byte.
 *
 * The places where the change could go are tried in turn, nicest first: each
 * is applied to a copy, which is read again, and counts only if that says
 * the same as before but for the one key.  So a file that is written in an
 * unexpected way is refused and never spoilt.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "config/config_int.h"

/* What the file says about the key and around it. */
struct place {
	const struct config_key *key;
	char *section;    /* "ui" of "ui.color" */
	const char *name; /* "color" */

	bool has_key, has_section, has_map, has_root;
	struct config_mark at_key, at_value; /* if has_key */
	struct config_mark at_section;       /* its name, if has_section */
	struct config_map map;               /* what is below it, if has_map */
	struct config_map root;
};

static int
find_value(void *data, const char *path, const char *value,
    const struct config_mark *key, const struct config_mark *at,
    struct tk_err *err)
{
	struct place *p = data;

	(void)value, (void)err;
	if (strcmp(path, p->key->name) == 0) {
		p->has_key = true;
		p->at_key = *key;
		p->at_value = *at;
	} else if (strcmp(path, p->section) == 0) {
		p->has_section = true;
		p->at_section = *key;
	}
	return 0;
}

static int
find_map(void *data, const char *path, const struct config_mark *key,
    const struct config_map *map, struct tk_err *err)
{
	struct place *p = data;

	(void)err;
	if (path[0] == '\0') {
		p->has_root = true;
		p->root = *map;
	} else if (strcmp(path, p->section) == 0) {
		p->has_section = p->has_map = true;
		p->at_section = *key;
		p->map = *map;
	}
	return 0;
}

/* Every key and value, as one text to compare. */
struct summary {
	const struct config_key *skip;
	struct tk_buf rest;
	char *value; /* of the key that is skipped */
};

static int
summarize(void *data, const struct config_key *key, const char *value, int line,
    struct tk_err *err)
{
	struct summary *s = data;

	(void)line, (void)err;
	if (key == s->skip) {
		s->value = tk_xstrdup(value);
		return 0;
	}
	tk_buf_adds(&s->rest, key->name);
	tk_buf_add(&s->rest, "", 1);
	tk_buf_adds(&s->rest, value);
	tk_buf_add(&s->rest, "", 1);
	return 0;
}

static int
read_summary(struct summary *s, const char *name, const struct tk_buf *text,
    const struct config_key *skip, struct tk_err *err)
{
	*s = (struct summary){ .skip = skip, .rest = TK_BUF_INIT };
	return config_read_keys(name, text, summarize, s, err);
}

static void
release_summary(struct summary *s)
{
	tk_buf_release(&s->rest);
	free(s->value);
}

/* One change: these bytes of the file become that text. */
struct patch {
	size_t start, end;
	struct tk_buf text;
};

static void
apply(const struct patch *p, const struct tk_buf *from, struct tk_buf *to)
{
	tk_buf_reset(to);
	tk_buf_add(to, from->s, p->start);
	tk_buf_add(to, p->text.s, p->text.len);
	tk_buf_add(to, from->s + p->end, from->len - p->end);
}

/* A value as YAML text: plain where that is surely right, else in quotes. */
static void
add_value(struct tk_buf *b, const char *value)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "0123456789_./+-";
	size_t len = strlen(value);

	if (len > 0 && strspn(value, plain) == len && value[0] != '-' &&
	    strcmp(value, "null") != 0) {
		tk_buf_adds(b, value);
		return;
	}
	tk_buf_adds(b, "\"");
	for (const char *s = value; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			tk_buf_addf(b, "\\%c", *s);
		else if ((unsigned char)*s < ' ' || *s == 0x7f)
			tk_buf_addf(b, "\\x%02x", (unsigned char)*s);
		else
			tk_buf_add(b, s, 1);
	}
	tk_buf_adds(b, "\"");
}

static size_t
line_start(const struct tk_buf *text, size_t at)
{
	while (at > 0 && text->s[at - 1] != '\n')
		at--;
	return at;
}

/* Behind the newline of the line that holds this byte. */
static size_t
line_end(const struct tk_buf *text, size_t at)
{
	while (at < text->len && text->s[at] != '\n')
		at++;
	return at < text->len ? at + 1 : at;
}

/* A whole line of its own, at a place between lines. */
static void
add_line(struct patch *p, const struct tk_buf *text, int indent,
    const char *key, const char *value)
{
	if (p->start > 0 && text->s[p->start - 1] != '\n')
		tk_buf_adds(&p->text, "\n");
	tk_buf_addf(&p->text, "%*s%s:", indent, "", key);
	if (value != NULL) {
		tk_buf_adds(&p->text, " ");
		add_value(&p->text, value);
	}
	tk_buf_adds(&p->text, "\n");
}

/* The value alone. */
static bool
replace_value(const struct place *p, const struct tk_buf *text,
    const char *value, struct patch *out)
{
	if (!p->has_key)
		return false;
	out->start = p->at_value.start;
	out->end = p->at_value.end;
	add_value(&out->text, value);
	/* Block texts ("|") go on to the start of the next line. */
	if (out->end > out->start && text->s[out->end - 1] == '\n')
		tk_buf_adds(&out->text, "\n");
	return true;
}

static int
child_indent(const struct place *p)
{
	return p->has_map && !p->map.empty ? p->map.first.column
					   : p->at_section.column + 2;
}

/* Below the line that has it commented out: "  #color: auto". */
static bool
insert_below_comment(const struct place *p, const struct tk_buf *text,
    const char *value, struct patch *out)
{
	size_t len = strlen(p->name);

	if (!p->has_section || p->has_key || (p->has_map && p->map.flow))
		return false;
	for (size_t at = line_end(text, p->at_section.start); at < text->len;
	     at = line_end(text, at)) {
		const char *s = text->s + at;

		s += strspn(s, " \t");
		if (*s != '#') {
			if (s == text->s + at && *s != '\n' && *s != '\r')
				return false; /* the next section */
			continue;
		}
		s += 1 + strspn(s + 1, " \t");
		if (strncmp(s, p->name, len) != 0 || s[len] != ':')
			continue;
		out->start = out->end = line_end(text, at);
		add_line(out, text, child_indent(p), p->name, value);
		return true;
	}
	return false;
}

/* As the first key of its section. */
static bool
insert_in_section(const struct place *p, const struct tk_buf *text,
    const char *value, struct patch *out)
{
	if (!p->has_section || p->has_key || (p->has_map && p->map.flow))
		return false;
	out->start = out->end = line_end(text, p->at_section.start);
	add_line(out, text, child_indent(p), p->name, value);
	return true;
}

static bool
insert_in_flow(const struct place *p, const struct tk_buf *text,
    const char *value, struct patch *out)
{
	const struct config_map *map = p->has_section ? &p->map : &p->root;

	(void)text;
	if (p->has_key || (p->has_section ? !p->has_map : !p->has_root) ||
	    !map->flow)
		return false;
	out->start = out->end = map->inside;
	if (!p->has_section)
		tk_buf_addf(&out->text, "%s: {", p->section);
	tk_buf_addf(&out->text, "%s: ", p->name);
	add_value(&out->text, value);
	if (!p->has_section)
		tk_buf_adds(&out->text, "}");
	if (!map->empty)
		tk_buf_adds(&out->text, ", ");
	return true;
}

/* A new section at the end. */
static bool
append_section(const struct place *p, const struct tk_buf *text,
    const char *value, struct patch *out)
{
	int indent = p->has_root && !p->root.empty ? p->root.first.column : 0;

	if (p->has_section || p->has_key)
		return false;
	out->start = out->end = text->len;
	add_line(out, text, indent, p->section, NULL);
	tk_buf_addf(&out->text, "%*s%s: ", indent + 2, "", p->name);
	add_value(&out->text, value);
	tk_buf_adds(&out->text, "\n");
	return true;
}

/* The lines that the key and its value are on. */
static bool
remove_lines(const struct place *p, const struct tk_buf *text,
    const char *value, struct patch *out)
{
	size_t end = p->at_value.end;

	(void)value;
	if (!p->has_key)
		return false;
	out->start = line_start(text, p->at_key.start);
	if (strspn(text->s + out->start, " ") != p->at_key.start - out->start)
		return false;
	out->end =
	    end > 0 && text->s[end - 1] == '\n' ? end : line_end(text, end);
	return true;
}

/* The key, the value, and the comma behind it or before it. */
static bool
remove_in_flow(const struct place *p, const struct tk_buf *text,
    const char *value, struct patch *out)
{
	const char *s = text->s;

	(void)value;
	if (!p->has_key)
		return false;
	out->start = p->at_key.start;
	out->end = p->at_value.end;
	out->end += strspn(s + out->end, " \t\r\n");
	if (s[out->end] == ',') {
		out->end++;
		out->end += strspn(s + out->end, " ");
		return true;
	}
	while (out->start > 0 && strchr(" \t\r\n", s[out->start - 1]) != NULL)
		out->start--;
	if (out->start > 0 && s[out->start - 1] == ',')
		out->start--;
	return true;
}

typedef bool patch_fn(const struct place *p, const struct tk_buf *text,
    const char *value, struct patch *out);

/* Does the file now say what it said before, and the value wanted? */
static bool
is_right(const struct summary *before, const struct tk_buf *text,
    const char *value)
{
	struct tk_err err = TK_ERR_INIT;
	struct summary after;
	bool ok = read_summary(&after, "", text, before->skip, &err) == 0;

	ok = ok && after.rest.len == before->rest.len &&
	    memcmp(after.rest.s, before->rest.s, after.rest.len) == 0;
	if (ok && (after.value == NULL || value == NULL))
		ok = after.value == NULL && value == NULL;
	else if (ok)
		ok = strcmp(after.value, value) == 0;
	release_summary(&after);
	return ok;
}

static bool
try_patches(const struct place *p, struct tk_buf *text, const char *value,
    const struct summary *before)
{
	static patch_fn *const setters[] = { replace_value,
		insert_below_comment, insert_in_section, insert_in_flow,
		append_section, NULL };
	static patch_fn *const removers[] = { remove_lines, remove_in_flow,
		NULL };
	patch_fn *const *fn = value == NULL ? removers : setters;
	struct tk_buf copy = TK_BUF_INIT;
	bool done = false;

	for (; !done && *fn != NULL; fn++) {
		struct patch patch = { .text = TK_BUF_INIT };

		if ((*fn)(p, text, value, &patch)) {
			apply(&patch, text, &copy);
			done = is_right(before, &copy, value);
		}
		tk_buf_release(&patch.text);
	}
	if (done) {
		tk_buf_reset(text);
		tk_buf_add(text, copy.s, copy.len);
	}
	tk_buf_release(&copy);
	return done;
}

int
config_edit(const char *name, struct tk_buf *text, const struct config_key *key,
    const char *value, struct tk_err *err)
{
	const char *dot = strrchr(key->name, '.');
	struct place p = { .key = key, .name = dot + 1 };
	struct config_reader finder = { find_value, find_map, &p };
	struct summary before = { .rest = TK_BUF_INIT };
	int rc = -1;

	p.section = tk_xstrdup(key->name);
	p.section[dot - key->name] = '\0';
	if (value != NULL && !tk_utf8_valid(value, strlen(value))) {
		tk_fail(err, TK_USAGE, "the value for '%s' is not UTF-8",
		    key->name);
		goto out;
	}
	if (read_summary(&before, name, text, key, err) < 0 ||
	    config_read_yaml(name, text, &finder, err) < 0)
		goto out;
	rc = 1;
	if (value == NULL && !p.has_key)
		goto out;
	rc = 0;
	if (!try_patches(&p, text, value, &before)) {
		rc = tk_fail(err, TK_USAGE,
		    "%s: cannot change '%s' here without changing more", name,
		    key->name);
		tk_hint(err, "change it in an editor");
	}
out:
	release_summary(&before);
	free(p.section);
	return rc;
}
