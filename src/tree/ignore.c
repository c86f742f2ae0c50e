#include "tree/ignore.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"

void
ignore_init(struct ignore *ig)
{
	*ig = (struct ignore){ 0 };
}

void
ignore_release(struct ignore *ig)
{
	ignore_cut(ig, 0);
	free(ig->rule);
	*ig = (struct ignore){ 0 };
}

size_t
ignore_mark(const struct ignore *ig)
{
	return ig->n;
}

void
ignore_cut(struct ignore *ig, size_t mark)
{
	while (ig->n > mark)
		free(ig->rule[--ig->n].glob);
}

/* Spaces at the end do not count, unless a backslash stands before. */
static size_t
trimmed(const char *line, size_t n)
{
	size_t keep = 0;

	for (size_t i = 0; i < n; i++) {
		if (line[i] == '\\' && i + 1 < n)
			keep = ++i + 1;
		else if (line[i] != ' ')
			keep = i + 1;
	}
	return keep;
}

static void
add_line(struct ignore *ig, const char *line, size_t n, size_t base)
{
	struct ignore_rule r = { .base = base, .name = true };

	if (n > 0 && *line == '#')
		return;
	n = trimmed(line, n);
	if (n > 0 && *line == '!') {
		r.not = true;
		line++;
		n--;
	}
	if (n > 0 && line[n - 1] == '/') {
		r.folder = true;
		n--;
	}
	if (memchr(line, '/', n) != NULL)
		r.name = false;
	if (n > 0 && *line == '/') {
		line++;
		n--;
	}
	if (n == 0)
		return;
	if (ig->n == ig->cap) {
		ig->cap = ig->cap > 0 ? 2 * ig->cap : 16;
		ig->rule =
		    tk_xreallocarray(ig->rule, ig->cap, sizeof(*ig->rule));
	}
	r.glob = tk_xcalloc(n + 1, 1);
	memcpy(r.glob, line, n);
	ig->rule[ig->n++] = r;
}

void
ignore_add(struct ignore *ig, const char *text, size_t n, size_t base)
{
	const char *end = text + n;

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)((nl != NULL ? nl : end) - text);
		bool cr = len > 0 && text[len - 1] == '\r';

		add_line(ig, text, len - cr, base);
		text += len + 1;
	}
}

bool
ignore_says(const struct ignore *ig, const char *path, bool folder)
{
	const char *name = strrchr(path, '/');

	name = name != NULL ? name + 1 : path;
	for (size_t i = ig->n; i-- > 0;) {
		const struct ignore_rule *r = &ig->rule[i];

		if (r->folder && !folder)
			continue;
		if (ignore_glob(r->glob, r->name ? name : path + r->base + 1))
			return !r->not ;
	}
	return false;
}

static const struct {
	const char *name;
	int (*is)(int c);
} classes[] = {
	{ "alnum", isalnum },
	{ "alpha", isalpha },
	{ "blank", isblank },
	{ "cntrl", iscntrl },
	{ "digit", isdigit },
	{ "graph", isgraph },
	{ "lower", islower },
	{ "print", isprint },
	{ "punct", ispunct },
	{ "space", isspace },
	{ "upper", isupper },
	{ "xdigit", isxdigit },
};

/* "[:alpha:]" at p: 1 or 0, and *p behind it; -1: it is none. */
static int
class_has(const char **p, unsigned char c)
{
	const char *end = strstr(*p + 2, ":]");

	for (size_t i = 0; end != NULL && i < TK_LEN(classes); i++) {
		size_t n = strlen(classes[i].name);

		if ((size_t)(end - *p) != n + 2 ||
		    memcmp(*p + 2, classes[i].name, n) != 0)
			continue;
		*p = end + 2;
		return classes[i].is(c) != 0;
	}
	return -1;
}

/* One character of a set, which a backslash may stand before. */
static unsigned char
set_char(const char **p)
{
	if (**p == '\\' && (*p)[1] != '\0')
		++*p;
	return (unsigned char)*(*p)++;
}

/* The set at p, behind its '['; NULL when it does not end. */
static const char *
set_has(const char *p, unsigned char c, bool *has)
{
	bool not = *p == '!' || *p == '^', found = false;
	bool first = true;

	p += not ;
	while (first || *p != ']') {
		unsigned char from, to;
		int in;

		first = false;
		if (*p == '\0')
			return NULL;
		if (*p == '[' && p[1] == ':' && (in = class_has(&p, c)) >= 0) {
			found = found || in > 0;
			continue;
		}
		from = to = set_char(&p);
		if (*p == '-' && p[1] != ']' && p[1] != '\0') {
			p++;
			to = set_char(&p);
		}
		found = found || (from <= c && c <= to);
	}
	*has = found != not ;
	return p + 1;
}

/* Whether the glob's next element fits the character; *g behind it. */
static bool
one_fits(const char **g, unsigned char c)
{
	const char *p = *g;
	bool has = false;

	if (c == '\0')
		return false;
	if (*p == '?') {
		*g = p + 1;
		return c != '/';
	}
	if (*p == '[') {
		*g = set_has(p + 1, c, &has);
		if (*g != NULL)
			return has && c != '/';
		*g = p;
		return false;
	}
	if (*p == '\\' && p[1] != '\0')
		p++;
	*g = p + 1;
	return (unsigned char)*p == c;
}

/*
 * "**" at g that may cross slashes: between slashes or the ends of the glob.
 * Returns what follows it, or NULL when it is only another "*".  Between two
 * slashes it stands for no folder too, so the second one is taken in.
 */
static const char *
behind_stars(const char *glob, const char *g)
{
	const char *end = g;

	while (*end == '*')
		end++;
	if (end - g != 2 || (g > glob && g[-1] != '/') ||
	    (*end != '/' && *end != '\0'))
		return NULL;
	return *end == '/' ? end + 1 : end;
}

/*
 * Two places to go back to are enough: behind the last "*", which may take
 * one more character of its name, and behind the last "**", which may take
 * one more folder.  What stands before a "**" need not be tried again, since
 * that can take whatever the earlier one would.
 */
bool
ignore_glob(const char *glob, const char *path)
{
	const char *g = glob, *star = NULL, *star_at = NULL;
	const char *deep = NULL, *deep_at = NULL, *next;

	while (*path != '\0' || *g != '\0') {
		if (*g == '*' && (next = behind_stars(glob, g)) != NULL) {
			/* At the end it is all that is inside. */
			if (*next == '\0' && next[-1] == '*')
				return *path != '\0';
			deep = g = next;
			deep_at = path;
			star = NULL;
			continue;
		}
		if (*g == '*') {
			while (*g == '*')
				g++;
			star = g;
			star_at = path;
			continue;
		}
		if (*g != '\0' && *path != '\0' &&
		    one_fits(&g, (unsigned char)*path)) {
			path++;
			continue;
		}
		if (star != NULL && *star_at != '\0' && *star_at != '/') {
			g = star;
			path = ++star_at;
			continue;
		}
		/* The next folder, if there is one. */
		star = NULL;
		if (deep == NULL || (deep_at = strchr(deep_at, '/')) == NULL)
			return false;
		g = deep;
		path = ++deep_at;
	}
	return true;
}
