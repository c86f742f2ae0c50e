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

uint64_t
known_hash(const char *path)
{
	return hash_bytes(path, strlen(path)).a;
}

static uint64_t
key_of(const char *importer, uint64_t hash)
{
	/* there are few importers, whose names are not long */
	while (*importer != '\0')
		hash = (hash ^ (unsigned char)*importer++) *
		    UINT64_C(0x100000001b3);
	return hash;
}

/* Where the file is, or would be. */
static uint32_t *
slot_of(const struct known *k, uint64_t hash)
{
	size_t at = hash & (k->nslots - 1);

	while (k->slots[at] != 0 && k->v[k->slots[at] - 1].hash != hash)
		at = (at + 1) & (k->nslots - 1);
	return &k->slots[at];
}

static void
index_all(struct known *k)
{
	k->nslots = 16;
	while (k->nslots < 2 * k->n)
		k->nslots *= 2;
	k->slots = tk_xcalloc(k->nslots, sizeof(*k->slots));
	for (size_t i = 0; i < k->n; i++)
		*slot_of(k, k->v[i].hash) = (uint32_t)(i + 1);
}

/* Of the carry what stands before the importer's own part. */
static void
read_carry(struct known_file *f, const char *carry)
{
	char *end;

	if (carry == NULL)
		return;
	f->version = (int)strtol(carry, &end, 10);
	for (int i = 0; i < 2 && *end == ' '; i++) /* line, tail */
		end = strchrnul(end + 1, ' ');
	if (end[0] != ' ' || end[1] != 't')
		return;
	f->read_at = strtoll(end + 2, &end, 10);
	if (*end == ',')
		f->ctime = strtoll(end + 1, &end, 10);
	f->ask = end[0] == ' ' && end[1] == '?';
}

static int
add(const char *importer, const char *path, const struct ledger_source *s,
    void *data)
{
	struct known *k = data;
	struct known_file f = {
		.hash = key_of(importer, known_hash(path)),
		.device = s->device,
		.inode = s->inode,
		.size = s->size,
		.mtime = s->mtime,
		.offset = s->offset,
		.read_at = RECORD_UNKNOWN,
		.version = -1,
	};

	if (k->n == k->cap) {
		k->cap = k->cap > 0 ? 2 * k->cap : 1024;
		k->v = tk_xreallocarray(k->v, k->cap, sizeof(*k->v));
	}
	read_carry(&f, s->carry);
	k->v[k->n++] = f;
	return 0;
}

int
known_load(struct known *k, const struct ingest_sink *sink, void *to,
    struct tk_err *err)
{
	int rc = 0;

	*k = (struct known){ .n = 0 };
	if (sink->sources != NULL)
		rc = sink->sources(to, add, k, err);
	if (rc == 0)
		index_all(k);
	return rc;
}

void
known_release(struct known *k)
{
	free(k->v);
	free(k->slots);
	*k = (struct known){ .n = 0 };
}

const struct known_file *
known_find(const struct known *k, const struct importer *im, uint64_t hash)
{
	uint32_t at;

	if (k->n == 0)
		return NULL;
	at = *slot_of(k, key_of(im->name, hash));
	return at > 0 ? &k->v[at - 1] : NULL;
}

bool
known_is_same(const struct known_file *k, const struct walk_file *f)
{
	return k->device == f->device && k->inode == f->inode &&
	    k->size == f->size && k->mtime == f->mtime &&
	    (k->ctime == 0 || k->ctime == f->ctime);
}
