#ifndef TESTS_UNIT_MEM_SINK_H
#define TESTS_UNIT_MEM_SINK_H

/*
 * A ledger in memory, for tests of importers: it merges as the real one
 * does, can fail at the n-th put, and forgets what was not committed.
 * And a folder of files to read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "ingest/ingest.h"
#include "ledger/record.h"

struct mem_source {
	char *name;
	struct ledger_source s;
};

struct mem {
	struct usage_record *v;
	size_t n, committed;
	struct mem_source *sources;
	size_t nsources, sources_committed;
	int puts_left; /* then fail; negative: never */
	int commits;
};

static inline void
mem_own_texts(struct usage_record *r)
{
	for (const struct record_field *f = record_fields; f->key; f++) {
		const char **t = record_text(r, f);

		if (f->type != RECORD_NAME && f->type != RECORD_TEXT &&
		    f->type != RECORD_OBJECT)
			continue;
		if (*t != NULL)
			*t = tk_xstrdup(*t);
	}
}

static inline void
mem_free_texts(struct usage_record *r)
{
	for (const struct record_field *f = record_fields; f->key; f++)
		if (f->type == RECORD_NAME || f->type == RECORD_TEXT ||
		    f->type == RECORD_OBJECT)
			free((void *)(uintptr_t)*record_text(r, f));
}

static inline void
mem_cut(struct mem *m, size_t n, size_t nsources)
{
	while (m->n > n)
		mem_free_texts(&m->v[--m->n]);
	while (m->nsources > nsources) {
		struct mem_source *s = &m->sources[--m->nsources];

		free(s->name);
		free(s->s.carry);
	}
}

static inline int
mem_begin(void *to, struct tk_err *err)
{
	struct mem *m = to;

	(void)err;
	m->committed = m->n;
	m->sources_committed = m->nsources;
	return 0;
}

static inline int
mem_put(void *to, struct usage_record *r, enum ledger_result *result,
    struct tk_err *err)
{
	struct mem *m = to;
	struct usage_record known;

	if (m->puts_left == 0)
		return tk_fail(err, TK_IO, "no more");
	m->puts_left -= m->puts_left > 0;
	for (size_t i = 0; i < m->n; i++) {
		if (strcmp(m->v[i].request_id, r->request_id) != 0)
			continue;
		known = m->v[i];
		*result = LEDGER_KNOWN;
		if (ledger_merge(&known, r)) {
			mem_own_texts(&known);
			mem_free_texts(&m->v[i]);
			m->v[i] = known;
			*result = LEDGER_UPDATED;
		}
		return 0;
	}
	/* Room for twice as many: sanitizers copy at each growth. */
	if ((m->n & (m->n - 1)) == 0)
		m->v = tk_xreallocarray(m->v, m->n > 0 ? 2 * m->n : 1,
		    sizeof(*m->v));
	m->v[m->n] = *r;
	mem_own_texts(&m->v[m->n++]);
	*result = LEDGER_NEW;
	return 0;
}

static inline int
mem_retract(void *to, const char *request_id, const struct ledger_actor *who,
    struct tk_err *err)
{
	struct mem *m = to;

	(void)who, (void)err;
	for (size_t i = 0; i < m->n; i++) {
		if (strcmp(m->v[i].request_id, request_id) != 0)
			continue;
		mem_free_texts(&m->v[i]);
		m->v[i] = m->v[--m->n];
		return 0;
	}
	return 0;
}

static inline int
mem_commit(void *to, enum ledger_sync sync, struct tk_err *err)
{
	struct mem *m = to;

	(void)sync, (void)err;
	m->commits++;
	return 0;
}

static inline void
mem_rollback(void *to)
{
	struct mem *m = to;

	mem_cut(m, m->committed, m->sources_committed);
}

static inline char *
mem_name(const char *importer, const char *path)
{
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "%s %s", importer, path);
	return tk_buf_detach(&b);
}

/* The latest of that name. */
static inline int
mem_source_get(void *to, const char *importer, const char *path,
    struct ledger_source *s, struct tk_err *err)
{
	struct mem *m = to;
	char *name = mem_name(importer, path);
	int found = 0;

	(void)err;
	for (size_t i = m->nsources; !found && i-- > 0;) {
		if (strcmp(m->sources[i].name, name) != 0)
			continue;
		*s = m->sources[i].s;
		s->carry = tk_xstrdup(s->carry);
		found = 1;
	}
	free(name);
	return found;
}

static inline int
mem_source_put(void *to, const char *importer, const char *path,
    const struct ledger_source *s, struct tk_err *err)
{
	struct mem *m = to;
	struct mem_source *add;

	(void)err;
	if ((m->nsources & (m->nsources - 1)) == 0)
		m->sources = tk_xreallocarray(m->sources,
		    m->nsources > 0 ? 2 * m->nsources : 1, sizeof(*m->sources));
	add = &m->sources[m->nsources++];
	add->name = mem_name(importer, path);
	add->s = *s;
	add->s.carry = tk_xstrdup(s->carry);
	return 0;
}

static inline int
mem_all_sources(void *to, const char *importer, const char *prefix,
    ledger_source_fn *fn, void *data, struct tk_err *err)
{
	struct mem *m = to;
	int stop = 0;

	(void)err;
	for (size_t i = 0; stop == 0 && i < m->nsources; i++) {
		char *path = strchr(m->sources[i].name, ' ');
		size_t later = i + 1;

		while (later < m->nsources &&
		    strcmp(m->sources[later].name, m->sources[i].name) != 0)
			later++;
		if (later < m->nsources)
			continue;
		*path = '\0';
		if (importer == NULL ||
		    (strcmp(importer, m->sources[i].name) == 0 &&
			strncmp(path + 1, prefix, strlen(prefix)) == 0))
			stop = fn(m->sources[i].name, path + 1,
			    &m->sources[i].s, data);
		*path = ' ';
	}
	return 0;
}

static const struct ingest_sink mem_sink = {
	.begin = mem_begin,
	.put = mem_put,
	.retract = mem_retract,
	.commit = mem_commit,
	.rollback = mem_rollback,
	.source_get = mem_source_get,
	.source_put = mem_source_put,
	.sources = mem_all_sources,
};

/* A test: a home, a ledger, and what the last run said. */
struct world {
	char home[64];
	struct mem mem;
	struct ingest_options options;
	struct ingest_report report;
	struct tk_err err;
};

static inline void
world_begin(struct world *w)
{
	static const char *const variables[] = { "CLAUDE_CONFIG_DIR",
		"CODEX_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
		"GEMINI_CLI_HOME", "QWEN_HOME", "KIMI_SHARE_DIR",
		"AMP_DATA_DIR", "GOOSE_PATH_ROOT", "LLM_USER_PATH",
		"COPILOT_HOME", "OPENCODE_DATA_DIR" };

	*w = (struct world){ .home = "/tmp/tokctl-unit.XXXXXX" };
	if (mkdtemp(w->home) == NULL)
		abort();
	setenv("HOME", w->home, 1);
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		unsetenv(variables[i]);
	w->mem.puts_left = -1;
	w->options.user = "me";
}

static inline void
world_end(struct world *w)
{
	struct tk_buf b = TK_BUF_INIT;

	ingest_report_release(&w->report);
	mem_cut(&w->mem, 0, 0);
	free(w->mem.v);
	free(w->mem.sources);
	tk_buf_addf(&b, "rm -rf %s", w->home);
	if (system(b.s) != 0)
		abort();
	tk_buf_release(&b);
}

static inline const char *
world_path(const struct world *w, const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", w->home, name);
	return path;
}

/* Append to a file of the home; mode "w" makes it anew. */
static inline void
world_write(const struct world *w, const char *name, const char *mode,
    const char *text, size_t n)
{
	const char *path = world_path(w, name);
	struct tk_err err = TK_ERR_INIT;
	FILE *f;

	if (tk_make_parents(path, &err) < 0 || (f = fopen(path, mode)) == NULL)
		abort();
	if (fwrite(text, 1, n, f) != n || fclose(f) != 0)
		abort();
}

static inline void
world_add(const struct world *w, const char *name, const char *text)
{
	world_write(w, name, "a", text, strlen(text));
}

static inline int
world_run(struct world *w)
{
	ingest_report_release(&w->report);
	return ingest_run(&w->options, &mem_sink, &w->mem, &w->report, &w->err);
}

/* The tally of one importer. */
static inline const struct ingest_tally *
world_tally(const struct world *w, const char *name)
{
	size_t i = 0;

	while (strcmp(importer_name(importer_at(i)), name) != 0)
		i++;
	return &w->report.tally[i];
}

/* The sum over all records. */
static inline struct usage_record
world_sum(const struct world *w)
{
	struct usage_record sum;

	record_init(&sum);
	for (size_t i = 0; i < w->mem.n; i++)
		for (const struct record_field *f = record_fields; f->key; f++)
			if (f->type == RECORD_COUNT)
				*record_int(&sum, f) +=
				    *record_int(&w->mem.v[i], f);
	return sum;
}

#endif
