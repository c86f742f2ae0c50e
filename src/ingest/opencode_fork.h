#ifndef INGEST_OPENCODE_FORK_H
#define INGEST_OPENCODE_FORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct store;

/*
 * What OpenCode's table session_v2 says of a session: where it works, and,
 * if it is a fork, up to which number its rows are copies of another
 * session's.  They count there, so only while that session is there, too.
 */
struct opencode_fork {
	struct tk_buf session; /* of which the rest is */
	struct tk_buf folder;
	bool copied;
	int64_t boundary; /* seq of the last row that is a copy */
};

#define OPENCODE_FORK_INIT \
	{ \
		.session = TK_BUF_INIT, .folder = TK_BUF_INIT \
	}

/* Nothing, if it is the session that was asked for the last time. */
int opencode_fork_look(struct opencode_fork *f, struct store *db,
    const char *session, struct tk_err *err);
void opencode_fork_release(struct opencode_fork *f);

#endif
