#ifndef INGEST_CLAUDE_STATE_H
#define INGEST_CLAUDE_STATE_H

#include "ingest/claude_line.h"
#include "ingest/ingest_int.h"

/* A call without requestId whose lines may still be coming. */
struct open_call {
	uint64_t key; /* of message.id, session and the input side; 0: none */
	int64_t time; /* ms; of its first line */
};

enum { OPEN_CALLS = 8 };

struct claude_state {
	struct open_call calls[OPEN_CALLS]; /* a ring */
	int next;
	bool own;         /* of a helper: what it replays is over */
	bool settled;     /* ... for sure: the session has later messages */
	int64_t own_time; /* ms; of the first message that is its own */
	int64_t own_then; /* ms; the same, as an earlier run found it; or 0 */
	int64_t judged;   /* so much of the session's file was there then */
	char *agent_type; /* of the helper, or NULL */
	bool agent_known; /* agent_type was looked for */
};

/*
 * The messages of one session's main conversation, for the files of its
 * helpers, which lie behind it in the order of names.
 */
struct claude_shared {
	char *path;
	struct ids messages;
	int64_t latest; /* ms; the time of the last of them */
	int64_t size;   /* bytes, of the file */
};

void claude_unshare(void *shared);

/* The first line of a file comes next. */
void claude_begin_session(struct reader *rd);

/*
 * Of struct importer.  A helper may be read before its session, or a part of
 * that; then what it replays looks like its own.  It is read again when more
 * of the session is there, until that has a message later than the helper's
 * first own.
 */
bool claude_stale(const char *path, const char *carry);

/* The session of a line; else the name of its file. */
const char *claude_session(struct reader *rd, const struct claude_line *l);

/* Who works on the side: the kind of helper, or its id; NULL: nobody. */
const char *claude_agent(struct reader *rd, const struct claude_line *l);

/*
 * Is it a copy of a message of the main conversation, under a new request
 * id?  Side questions and other forks of a conversation begin with those.
 */
bool claude_is_replayed(struct reader *rd, const struct claude_line *l);

/* claude_places.c; of struct importer */
void claude_places(struct walk *w);
bool claude_wants(const char *path);
enum probe claude_probe(const struct ingest_options *o, const char *path,
    const char *head, size_t n);

#endif
