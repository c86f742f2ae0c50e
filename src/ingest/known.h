#ifndef INGEST_KNOWN_H
#define INGEST_KNOWN_H

#include "ingest/ingest_int.h"

/*
 * What was read before.
 *
 * The carry of a source is ours and then the importer's: "version line tail
 * tMS rest".  tail is a hash of what stands before the offset, so that a
 * file that was rewritten is noticed; tMS is when it was read last.
 */
struct known_carry {
	int64_t line, read_at;
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
	int64_t read_at;
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
const struct known_file *known_find(const struct known *k,
    const struct importer *im, const char *path);

#endif
