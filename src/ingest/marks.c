/* By which members a file is known; the words of marks are ingest_int.h's. */
#include <assert.h>
#include <string.h>

#include "ingest/ingest_int.h"
#include "ingest/pick.h"

enum { MEMBERS_MOST = 12, PATH_MOST = 32 };

/* "usageLedger/", "type=gemini", "id=T-*" */
struct word {
	const char *path; /* without what follows it */
	size_t path_len;
	const char *text; /* that it must be; NULL: any */
	size_t text_len;
	bool prefix, object;
};

/* The members that the marks name, each once. */
struct members {
	struct pick v[MEMBERS_MOST];
	char path[MEMBERS_MOST][PATH_MOST];
	size_t n;
};

static bool
next_word(const char **at, struct word *w)
{
	const char *s = *at + strspn(*at, " ");
	size_t n = strcspn(s, " "), path = strcspn(s, "= ");

	*at = s + n;
	*w = (struct word){ .path = s, .path_len = path };
	if (path < n) {
		w->text = s + path + 1;
		w->text_len = n - path - 1;
		w->prefix = s[n - 1] == '*';
		w->text_len -= w->prefix;
	} else if (n > 0) {
		w->object = s[n - 1] == '/';
		w->path_len -= w->object;
	}
	return n > 0;
}

static struct pick *
member(struct members *m, const struct word *w)
{
	for (size_t i = 0; i < m->n; i++)
		if (strncmp(m->path[i], w->path, w->path_len) == 0 &&
		    m->path[i][w->path_len] == '\0')
			return &m->v[i];
	assert(m->n < MEMBERS_MOST && w->path_len < PATH_MOST);
	memcpy(m->path[m->n], w->path, w->path_len);
	m->v[m->n].path = m->path[m->n];
	return &m->v[m->n++];
}

static bool
fits(const struct word *w, const struct pick *p)
{
	if (w->object)
		return p->kind == JSON_IS_OBJECT;
	if (w->text == NULL)
		return pick_has(p);
	if (p->kind != JSON_IS_TEXT)
		return false;
	if (!w->prefix)
		return json_text_equal(&p->t, w->text, w->text_len);
	return p->t.n > w->text_len &&
	    memcmp(p->t.p, w->text, w->text_len) == 0;
}

static bool
has_mark(struct members *m, const char *mark)
{
	struct word w;

	while (next_word(&mark, &w))
		if (!fits(&w, member(m, &w)))
			return false;
	return true;
}

bool
marks_fit(const char *const *marks, const char *head, size_t n)
{
	struct members m = { .n = 0 };
	struct pick_probe p;
	struct word w;

	for (const char *const *mark = marks; *mark != NULL; mark++)
		for (const char *at = *mark; next_word(&at, &w);)
			member(&m, &w);
	pick_probe_init(&p, head, n);
	while (pick_probe_next(&p, m.v, m.n))
		for (const char *const *mark = marks; *mark != NULL; mark++)
			if (has_mark(&m, *mark))
				return true;
	return false;
}
