#ifndef TALLY_TALLY_H
#define TALLY_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "count/count.h"
#include "estimate/content.h"

/*
 * Counting whole inputs, many at once: each with several encodings, on
 * several threads.
 *
 *	struct tally t = { .e = encodings, .n = 2, .threads = 4 };
 *
 *	tally_run(&t, inputs, n, print_one, data, err);
 *
 * Results are given in the order of the inputs, in the calling thread, as
 * soon as all before them are there; they do not depend on the number of
 * threads.  Small inputs are counted by one thread each.  A large one is
 * read in parts that are cut where it is safe (count/cut.h) and counted by
 * whoever is free, so memory does not grow with it; where no place to cut is
 * found, one thread goes on with it.
 */
enum tally_flags {
	TALLY_SAMPLE = 1 << 0, /* fill in what the text is like */
};

struct tally {
	const struct count_encoding *const *e;
	size_t n;
	enum count_flags count_flags;
	enum tally_flags flags;
	int threads; /* 1: the calling one; 0: as many as the work is worth */
};

struct tally_input {
	const char *path; /* NULL: standard input */
	bool found;       /* in a folder: passed over when it is binary */
};

struct tally_result {
	const int64_t *tokens; /* one for each encoding */
	int64_t bytes;
	struct content content;   /* with TALLY_SAMPLE */
	bool binary;              /* it was passed over */
	bool utf16;               /* it begins as such a text */
	const struct tk_err *err; /* NULL: it was counted */
};

/* Return non-0 to stop. */
typedef int tally_fn(size_t input, const struct tally_result *r, void *data);

/* 0, or what fn returned. */
int tally_run(const struct tally *t, const struct tally_input *in, size_t n,
    tally_fn *fn, void *data);

#endif
