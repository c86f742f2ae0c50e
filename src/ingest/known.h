#ifndef INGEST_KNOWN_H
#define INGEST_KNOWN_H

#include "ingest/ingest_int.h"

/*
 * What was read before.
 *
 * The carry of a source is ours and then the importer's: "version line tail
 * tMS,NS rest".  tail is a hash of what stands before the offset, so that a
 * file that was rewritten is noticed; MS is when it was read last; NS is the
 * ctime that it had, which nobody can set back.  Older ones have no ",NS".
 */
struct known_carry {
	int64_t line, read_at;
	int64_t ctime; /* ns; 0: not known */
	uint64_t tail;
	const char *rest; /* the importer's own */
};

void known_begin_carry(struct tk_buf *b, const struct importer *im,
    const struct known_carry *c);

/* False when there is none that this program can go on from. */
bool known_parse_carry(const char *carry, const struct importer *im,
    struct known_carry *c);

/*
 * All sources at once, by hashes: of thousands of files few are new, and a
 * question to the ledger for each would cost more than all else.
 */
struct known_file {
	uint64_t hash; /* of importer and path */
	int64_t device, inode, size, mtime, offset;
	int64_t ctime, read_at;
	int version;
	bool ask; /* its importer, whether it is stale */
};

struct known {
	struct known_file *v;
	size_t n, cap;
	uint32_t *slots; /* by hash: 1 + its place in v; 0: free */
	size_t nslots;
};

/* Does nothing where the sink has no list. */
int known_load(struct known *k, const struct ingest_sink *sink, void *to,
    struct tk_err *err);
void known_release(struct known *k);
/* hash: known_hash() of the path, so that it is made once for all. */
const struct known_file *known_find(const struct known *k,
    const struct importer *im, uint64_t hash);
uint64_t known_hash(const char *path);

/* Was the file as it is now when all of it was read? */
bool known_is_same(const struct known_file *k, const struct walk_file *f);

#endif
