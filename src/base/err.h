#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"

/*
 * How functions report failure.
 *
 * A function that can fail takes a "struct tk_err *" as its last argument
 * and returns int: 0 for success, -1 for failure with *err filled in.  The
 * caller passes it up, adds context with tk_wrap(), or shows it.  Only the
 * outermost layer (cmd/main.c, the TUI status line, the HTTP reply) shows
 * errors; nothing under src/ writes to stderr, out-of-memory excepted.
 *
 * The message lives inside the struct: there is nothing to free, and
 * reporting an error never allocates.  Messages start in lower case, name
 * the thing that failed in single quotes, and have no newline and no full
 * stop.  The remedy, if there is one, is a line of its own: tk_hint().
 */
enum tk_code {
	TK_OK = 0,
	TK_USAGE,    /* a wrong option, date or setting: status 2 */
	TK_NOTFOUND, /* no such user, model or id: status 3 */
	TK_DATA,     /* malformed data; a corrupt or foreign ledger: status 3 */
	TK_CONFLICT, /* a request id that was used with another body: status 3
		      */
	TK_IO,       /* could not read, write or reach, or locked: status 4 */
	TK_BUG,      /* a broken invariant inside tokctl: status 5 */
};

struct tk_err {
	enum tk_code code;
	char msg[512];
	char hint[768]; /* "" or one more line: what to do about it */
};

#define TK_ERR_INIT \
	{ \
		.code = TK_OK \
	}

/* Fill in *err and return -1, so that callers can "return tk_fail(...)". */
int tk_fail(struct tk_err *err, enum tk_code code, const char *fmt, ...)
    TK_PRINTF(3, 4);

/* The same, with ": <strerror(errno)>" added and TK_IO as the code.  Here and
 * in tk_wrap() a name that is too long is cut ("..."), the reason is not. */
int tk_fail_errno(struct tk_err *err, const char *fmt, ...) TK_PRINTF(2, 3);

/* Put "<context>: " before a message that is already there; return -1. */
int tk_wrap(struct tk_err *err, const char *fmt, ...) TK_PRINTF(2, 3);

/* Say what to do about the failure that is already there; return -1. */
int tk_hint(struct tk_err *err, const char *fmt, ...) TK_PRINTF(2, 3);

/* The process exit status for a code; the one table behind EXIT STATUS. */
int tk_exit_status(enum tk_code code);

#endif
