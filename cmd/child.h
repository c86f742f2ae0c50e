#ifndef CMD_CHILD_H
#define CMD_CHILD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tk_buf;

/*
 * Run a program to its end: argv[0] is looked up in PATH, no shell is
 * between.  It reads the bytes of input; what it prints is appended to
 * output (up to max bytes), or goes to standard error with output NULL.
 * After that many ms it and its children are killed.
 */
struct child {
	const char *const *argv;
	const char *input;
	size_t input_len;
	struct tk_buf *output;
	size_t max;
	int64_t timeout;
};

/* *status is that of wait(2); -1 when it could not be started, or was
 * killed for taking too long. */
int child_run(const struct child *c, int *status, struct tk_err *err);

#endif
