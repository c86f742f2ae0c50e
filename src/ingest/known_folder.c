#include "ingest/known_folder.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/known.h"
#include "ingest/run.h"

/* Digits, with a sign if there is one; false if there are none. */
static bool
take_number(const char **p, int64_t *n)
{
	bool minus = **p == '-';
	const char *digits = *p + minus;
	uint64_t sum = 0;

	for (*p = digits; **p >= '0' && **p <= '9'; (*p)++)
		sum = 10 * sum + (uint64_t)(**p - '0');
	*n = (int64_t)(minus ? 0 - sum : sum);
	return *p > digits;
}

static bool
take(const char **p, char c)
{
	bool is = **p == c;

	*p += is;
	return is;
}

struct loading {
	struct known_folders *to;
	const struct importer *importer;
};

static int
add(const char *importer, const char *path, const struct ledger_source *s,
    void *data)
{
	const struct loading *l = data;
	struct known_folders *k = l->to;
	const char *p = s->carry;
	struct known_folder f = {
		.len = strlen(path + 1),
		.device = s->device,
		.inode = s->inode,
		.mtime = s->mtime,
		.files = s->size,
	};
	int64_t version;

	(void)importer;
	if (s->offset != FOLDER || p == NULL || f.len < 2 ||
	    !take_number(&p, &version) || version != l->importer->version ||
	    !take(&p, ' ') || !take_number(&p, &f.ctime) || !take(&p, '\n'))
		return 0;
	f.path = walk_text(&k->texts, path + 1, f.len);
	f.len--;
	f.names = walk_text(&k->texts, p, strlen(p));
	if (k->n == k->cap) {
		k->cap = k->cap > 0 ? 2 * k->cap : 256;
		k->v = tk_xreallocarray(k->v, k->cap, sizeof(*k->v));
	}
	k->v[k->n++] = f;
	return 0;
}

static int
by_path(const void *a_, const void *b_)
{
	const struct known_folder *a = a_, *b = b_;

	return strcmp(a->path, b->path);
}

int
known_folders_load(struct known_folders *k, const struct walk_look_up *from,
    const struct importer *im, struct tk_err *err)
{
	struct loading l = { .to = k, .importer = im };
	bool sorted = true;

	*k = (struct known_folders){ .n = 0 };
	if (from->sink->sources(from->to, im->name, "//", add, &l, err) < 0)
		return -1;
	for (size_t i = 1; i < k->n; i++)
		sorted = sorted && strcmp(k->v[i - 1].path, k->v[i].path) < 0;
	if (!sorted)
		qsort(k->v, k->n, sizeof(*k->v), by_path);
	return 0;
}

void
known_folders_release(struct known_folders *k, struct walk *to)
{
	if (to != NULL)
		walk_take_texts(to, k->texts);
	else
		walk_free_texts(k->texts);
	free(k->v);
	*k = (struct known_folders){ .n = 0 };
}

const struct known_folder *
known_folder_find(const struct known_folders *k, const char *path, size_t n)
{
	size_t from = 0, to = k->n;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int order = strncmp(path, k->v[mid].path, n);

		if (order == 0 && k->v[mid].len + 1 == n)
			return &k->v[mid];
		if (order <= 0)
			to = mid;
		else
			from = mid + 1;
	}
	return NULL;
}

/* What stands behind the name. */
static bool
read_value(const char **p, struct known_name *n)
{
	int64_t age;

	n->ask = NULL;
	n->kind = take(p, 'd') ? KNOWN_FOLDER
	    : take(p, '?')     ? KNOWN_UNREAD
			       : KNOWN_READ;
	if (n->kind != KNOWN_READ)
		return take(p, '\n');
	if (!take_number(p, &n->inode) || !take(p, ' ') ||
	    !take_number(p, &n->size) || !take(p, ' ') ||
	    !take_number(p, &n->mtime) || !take(p, ' ') ||
	    !take_number(p, &age))
		return false;
	n->ctime = (int64_t)((uint64_t)n->mtime + (uint64_t)age);
	if (**p == '?') {
		n->ask = *p;
		n->ask_len = strcspn(*p, "\n");
		*p += n->ask_len;
	}
	return take(p, '\n');
}

int
known_next_name(const char **p, struct known_name *n)
{
	if (**p == '\0')
		return 0;
	n->text = n->name = *p;
	n->len = strcspn(*p, "/");
	*p += n->len;
	if (n->len == 0 || !take(p, '/') || !read_value(p, n))
		return -1;
	n->text_len = (size_t)(*p - n->text);
	return 1;
}

void
known_add_folder(struct tk_buf *names, const char *name)
{
	tk_buf_adds(names, name);
	tk_buf_add(names, "/d\n", 3);
}

void
known_add_file(struct tk_buf *names, const char *name, int64_t inode,
    const struct walk_read *read)
{
	tk_buf_adds(names, name);
	if (read == NULL) {
		tk_buf_add(names, "/?\n", 3);
		return;
	}
	tk_buf_addf(names,
	    "/%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "%s\n", inode,
	    read->size, read->mtime,
	    (int64_t)((uint64_t)read->ctime - (uint64_t)read->mtime),
	    read->ask != NULL ? read->ask : "");
}

void
known_folder_mark(struct run *run, const struct walk_listed *l,
    const struct tk_buf *names)
{
	struct tk_buf path = TK_BUF_INIT, carry = TK_BUF_INIT;
	struct ledger_source s = {
		.device = l->device,
		.inode = l->inode,
		.mtime = l->mtime,
		.size = l->said + l->files,
		.offset = FOLDER,
	};

	tk_buf_addf(&carry, "%d %" PRId64 "\n", l->importer->version, l->ctime);
	tk_buf_add(&carry, names->s, names->len);
	s.carry = tk_buf_detach(&carry);
	tk_buf_addf(&path, "/%s/", l->path);
	run_mark(run, l->importer, path.s, &s);
	tk_buf_release(&path);
}
