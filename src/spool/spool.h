#ifndef SPOOL_SPOOL_H
#define SPOOL_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Lines that wait: a file to which many processes append and that one at a
 * time empties.
 *
 * A line is in the file whole or not at all, whenever a process is killed:
 * what ends without a newline was never acknowledged, and the next who
 * appends cuts it off.  Who empties it first does, durably, what the lines
 * ask for, and takes them away afterwards; killed between the two, it is done
 * again, so each line must ask for something that can be done twice.
 *
 *	spool_append()		1: it is there; 0: there is no room
 *	spool_open()		1: lines wait, nobody else may append; 0: none
 *	spool_empty()		all of them were done
 *	spool_close()
 */
struct spool {
	int fd;             /* at its start */
	struct tk_buf text; /* the same: whole lines */
};

/* So much longer than any line of ours that it is no spool. */
#define SPOOL_MAX (INT64_C(1) << 30)

/* Durable: it is there after a power loss, too; else after kill -9.  The
 * folders are made if need be; most: how many lines may wait. */
enum spool_sync { SPOOL_RELAXED, SPOOL_DURABLE };
int spool_append(const char *path, const char *lines, size_t len, int64_t most,
    enum spool_sync sync, struct tk_err *err);

int spool_open(struct spool *s, const char *path, struct tk_err *err);
int spool_empty(struct spool *s, struct tk_err *err);
void spool_close(struct spool *s);

#endif
