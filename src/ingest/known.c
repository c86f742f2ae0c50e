#include "ingest/known.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
known_begin_carry(struct tk_buf *b, const struct importer *im,
    const struct known_carry *c)
{
	tk_buf_addf(b,
	    "%d %" PRId64 " %016" PRIx64 " t%" PRId64 ",%" PRId64 " ",
	    im->version, c->line, c->tail, c->read_at, c->ctime);
}

bool
known_parse_carry(const char *carry, const struct importer *im,
    struct known_carry *c)
{
	int version, used = 0, more = 0;

	if (carry == NULL ||
	    sscanf(carry, "%d %" SCNd64 " %" SCNx64 " t%" SCNd64 "%n", &version,
		&c->line, &c->tail, &c->read_at, &used) < 4 ||
	    version != im->version)
		return false;
	carry += used;
	c->ctime = 0;
	if (sscanf(carry, ",%" SCNd64 "%n", &c->ctime, &more) == 1)
		carry += more;
	if (*carry != ' ')
		return false;
	c->rest = carry + 1;
	return true;
}

/* Digits, of which we wrote a few for each file: quicker than strtoll(3). */
static int64_t
take_number(const char **p)
{
	uint64_t n = 0;

	for (; **p >= '0' && **p <= '9'; (*p)++)
		n = 10 * n + (uint64_t)(**p - '0');
	return (int64_t)n;
}

/* Of the carry what stands before the importer's own part. */
static void
read_carry(struct known *k, struct known_file *f, const char *carry)
{
	const char *p = carry;
	int64_t version;

	if (carry == NULL)
		return;
	version = take_number(&p);
	p += *p == ' ';
	take_number(&p); /* lines */
	p += *p == ' ';
	p = strchrnul(p, ' ');
	if (p[0] != ' ' || p[1] != 't')
		return;
	p += 2;
	f->version = (int)version;
	f->read_at = take_number(&p);
	if (*p == ',') {
		p++;
		f->ctime = take_number(&p);
	}
	if (p[0] == ' ' && p[1] == '?')
		f->ask = walk_text(&k->texts, p + 1, strlen(p + 1));
}

static int
compare(const struct importer *im, const char *path, const struct known_file *f)
{
	int order = im == f->importer ? 0 : strcmp(im->name, f->importer->name);

	return order != 0 ? order : strcmp(path, f->path);
}

static int
by_path(const void *a_, const void *b)
{
	const struct known_file *a = a_;

	return compare(a->importer, a->path, b);
}

struct loading {
	struct known *known;
	bool sorted;
};

static int
add(const char *importer, const char *path, const struct ledger_source *s,
    void *data)
{
	struct loading *l = data;
	struct known *k = l->known;
	const struct known_file *last = k->n > 0 ? &k->v[k->n - 1] : NULL;
	struct known_file f = {
		.device = s->device,
		.inode = s->inode,
		.size = s->size,
		.mtime = s->mtime,
		.offset = s->offset,
		.read_at = RECORD_UNKNOWN,
		.version = -1,
	};

	if (s->offset == FOLDER)
		return 0;
	f.importer = last != NULL && strcmp(importer, last->importer->name) == 0
	    ? last->importer
	    : importer_find(importer);
	if (f.importer == NULL) /* of another version of this program */
		return 0;
	f.path = walk_text(&k->texts, path, strlen(path));
	if (last != NULL && compare(f.importer, f.path, last) < 0)
		l->sorted = false;
	if (k->n == k->cap) {
		k->cap = k->cap > 0 ? 2 * k->cap : 1024;
		k->v = tk_xreallocarray(k->v, k->cap, sizeof(*k->v));
	}
	read_carry(k, &f, s->carry);
	k->v[k->n++] = f;
	return 0;
}

int
known_load(struct known *k, const struct ingest_sink *sink, void *to,
    struct tk_err *err)
{
	struct loading l = { .known = k, .sorted = true };
	int rc = 0;

	*k = (struct known){ .n = 0 };
	if (sink->sources != NULL)
		rc = sink->sources(to, NULL, "", add, &l, err);
	if (!l.sorted)
		qsort(k->v, k->n, sizeof(*k->v), by_path);
	return rc;
}

void
known_release(struct known *k)
{
	free(k->v);
	walk_free_texts(k->texts);
	*k = (struct known){ .n = 0 };
}

const struct known_file *
known_find(const struct known *k, const struct importer *im, const char *path)
{
	size_t from = 0, to = k->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int order = compare(im, path, &k->v[mid]);

		if (order == 0)
			return &k->v[mid];
		if (order < 0)
			to = mid;
		else
			from = mid + 1;
	}
	return NULL;
}

bool
known_is_same(const struct known_file *k, const struct walk_file *f)
{
	return k->device == f->device && k->inode == f->inode &&
	    k->size == f->size && k->mtime == f->mtime &&
	    (k->ctime == 0 || k->ctime == f->ctime);
}
