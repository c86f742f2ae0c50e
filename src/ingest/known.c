#include "ingest/known.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ingest/hash.h"

void
known_begin_carry(struct tk_buf *b, const struct importer *im,
    const struct known_carry *c)
{
	tk_buf_addf(b, "%d %" PRId64 " %016" PRIx64 " t%" PRId64 " ",
	    im->version, c->line, c->tail, c->read_at);
}

bool
known_parse_carry(const char *carry, const struct importer *im,
    struct known_carry *c)
{
	int version, used = 0;

	if (carry == NULL ||
	    sscanf(carry, "%d %" SCNd64 " %" SCNx64 " t%" SCNd64 "%n", &version,
		&c->line, &c->tail, &c->read_at, &used) < 4 ||
	    version != im->version || carry[used] != ' ')
		return false;
	c->rest = carry + used + 1;
	return true;
}

static uint64_t
key_of(const char *importer, const char *path)
{
	uint64_t hash = hash_bytes(path, strlen(path)).a;

	/* there are few importers, whose names are not long */
	while (*importer != '\0')
		hash = (hash ^ (unsigned char)*importer++) *
		    UINT64_C(0x100000001b3);
	return hash + (hash == 0);
}

static size_t
slot_of(const struct known *k, uint64_t hash)
{
	size_t at = hash & (k->cap - 1);

	while (k->v[at].hash != 0 && k->v[at].hash != hash)
		at = (at + 1) & (k->cap - 1);
	return at;
}

static void
grow(struct known *k)
{
	struct known big = { .cap = k->cap > 0 ? 2 * k->cap : 1024, .n = k->n };

	big.v = tk_xcalloc(big.cap, sizeof(*big.v));
	for (size_t i = 0; i < k->cap; i++)
		if (k->v[i].hash != 0)
			big.v[slot_of(&big, k->v[i].hash)] = k->v[i];
	free(k->v);
	*k = big;
}

/* Of the carry what stands before the importer's own part. */
static void
read_carry(struct known_file *f, const char *carry)
{
	const char *t;
	char *end;

	if (carry == NULL)
		return;
	f->version = (int)strtol(carry, &end, 10);
	t = strstr(end, " t");
	if (t == NULL)
		return;
	f->read_at = strtoll(t + 2, &end, 10);
	f->ask = end[0] == ' ' && end[1] == '?';
}

static int
add(const char *importer, const char *path, const struct ledger_source *s,
    void *data)
{
	struct known *k = data;
	struct known_file f = {
		.hash = key_of(importer, path),
		.device = s->device,
		.inode = s->inode,
		.size = s->size,
		.mtime = s->mtime,
		.offset = s->offset,
		.read_at = RECORD_UNKNOWN,
		.version = -1,
	};
	size_t at;

	if (4 * k->n >= 3 * k->cap)
		grow(k);
	read_carry(&f, s->carry);
	at = slot_of(k, f.hash);
	k->n += k->v[at].hash == 0;
	k->v[at] = f;
	return 0;
}

int
known_load(struct known *k, const struct ingest_sink *sink, void *to,
    struct tk_err *err)
{
	*k = (struct known){ .n = 0 };
	return sink->sources != NULL ? sink->sources(to, add, k, err) : 0;
}

void
known_release(struct known *k)
{
	free(k->v);
	*k = (struct known){ .n = 0 };
}

const struct known_file *
known_find(const struct known *k, const struct importer *im, const char *path)
{
	size_t at;

	if (k->n == 0)
		return NULL;
	at = slot_of(k, key_of(im->name, path));
	return k->v[at].hash != 0 ? &k->v[at] : NULL;
}
