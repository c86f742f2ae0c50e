#ifndef TALLY_TALLY_INT_H
#define TALLY_TALLY_INT_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tally/tally.h"

/*
 * Inputs, threads, and who does what:
 *
 *	tally.c   the pool: which thread takes which input, and giving what
 *	          came out in the order of the inputs
 *	worker.c  one thread's streams and buffer; an input from end to end
 *	share.c   a large input, of which several threads count parts
 */

/* What is read at once, at least of a large input, and how much is worth a
 * second thread. */
enum { PART = 128 << 10, LEAST_PART = PART / 4, LARGE = 4 * PART };

/* What becomes of one input. */
struct slot {
	struct tally_result r;
	int64_t *tokens;
	struct tk_err *err; /* made when something fails */
	int64_t err_part;   /* of the failure that stands, the first */
	bool done;
};

/* A large input that several threads read and count. */
struct file {
	struct file *next;    /* of pool->files */
	pthread_mutex_t lock; /* of what is read */
	size_t input;
	int fd;
	int64_t left; /* bytes to be read; INT64_MAX where that is not known */
	int64_t parts;
	uint8_t *carry; /* what was read behind the last cut */
	size_t carried;
	bool ended;
	int users; /* threads at work; pool->lock */
};

struct pool {
	const struct tally *t;
	const struct tally_input *in;
	struct slot *slot;
	size_t n, next;
	bool can_cut, stop;
	int threads; /* that count */
	int begun;   /* those of them that were made, and run */
	int opening; /* inputs of which the size is not known yet */
	struct file *files;
	pthread_mutex_t lock;
	pthread_cond_t change;
};

/* What a thread needs to count. */
struct worker {
	struct pool *p;
	struct count_stream **s;
	uint8_t *buf; /* 2 * PART */
	struct content content;
	int64_t bytes;
};

/* worker.c */
void tally_worker_init(struct worker *w, struct pool *p);
void tally_worker_release(struct worker *w);
void tally_worker_reset(struct worker *w);

/* The n bytes of the buffer belong to the part. */
int tally_worker_add(struct worker *w, size_t n, const char *name,
    struct tk_err *err);

/* The end of a part: its sums go to the input's. */
int tally_worker_end(struct worker *w, struct slot *s, struct tk_err *err);

/* Count an input from beginning to end; nobody else looks at its slot. */
int tally_count_whole(struct worker *w, size_t i, int fd, struct tk_err *err);

/* The failure of the first part is the one that stands; err is taken. */
struct tk_err *tally_err_new(void);
void tally_slot_fail(struct slot *s, int64_t part, struct tk_err *err);

const char *tally_name_of(const struct tally_input *in);
int tally_open(const struct tally_input *in, struct tk_err *err);
void tally_close(int fd);

/* Fill the buffer up to n bytes; fewer are the end.  -1: an error. */
ssize_t tally_read(int fd, uint8_t *to, size_t n, const char *name,
    struct tk_err *err);

/* What the first n bytes of an input tell: to be passed over, or what to say
 * of it. */
void tally_look(const struct tally_input *in, const uint8_t *p, size_t n,
    struct tally_result *r);

/* share.c */
bool tally_is_large(const struct pool *p, int fd);
struct file *tally_file_new(size_t input, int fd);
void tally_file_free(struct file *f);

/* Count parts of a file until there are no more. */
void tally_share_file(struct worker *w, struct file *f);

#endif
