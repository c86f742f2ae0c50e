#ifndef INGEST_CODEX_STATE_H
#define INGEST_CODEX_STATE_H

#include "ingest/ingest_int.h"

struct codex_counts {
	int64_t input, cached, cache_write, output, reasoning, total;
};

/* What a token_count says. */
struct codex_info {
	struct codex_counts total, last;
	bool has_total, has_last;
	struct json_text model;
	const char *wrong; /* the key of a value that is no count */
};

/* A response that a token_usage_record told of: if a compaction turns out to
 * be its author, no token_count will. */
struct codex_response {
	char *id; /* NULL: free */
	int64_t time;
	struct codex_counts used;
};

enum { RESPONSES = 8 };

/* What the lines so far have said; all of it is carried but the history. */
struct codex_state {
	char *session, *cwd, *model, *provider, *tier, *agent;
	char *parent;               /* the id of the session it began with */
	struct codex_counts before; /* the totals of the last token_count */
	bool counted;               /* and there was one */
	bool copying;               /* these lines are the parent's history */
	bool paused;                /* it may have ended: there was a pause */
	bool dated;                 /* the turn's id says when it was */
	bool capture;               /* of "codex exec --json" */
	int64_t born;               /* ms; when the session began */
	int64_t forked;             /* ms; when its first line was written */
	int64_t latest;             /* ms; of the last line, while copying */
	int64_t matched; /* of the parent's counters, that were seen here */
	struct codex_response responses[RESPONSES]; /* a ring */
	int next;
	/* The totals of the parent's file, up to forked; codex_fork.c */
	struct codex_counts *history;
	size_t nhistory;
	bool history_read;
	int64_t resets;      /* of the counter of a captured thread */
	struct ids captured; /* calls of a capture without a thread's id */
};

/* A string of the state; an empty one changes nothing. */
void codex_set_text(char **to, struct reader *rd, const struct json_text *t);

/* A usage object; *wrong becomes the name of a member that is no count. */
bool codex_read_counts(struct json_scan *s, struct codex_counts *c,
    const char **wrong);

/* "info" of a token_count; false if it is null. */
bool codex_read_info(struct json_scan *s, struct codex_info *info);

/* The time in a UUID of version 7 (RFC 9562), or -1. */
int64_t codex_uuid7_time(const char *p, size_t n);

/*
 * codex_fork.c: is this counter the next one of the history that the session
 * was begun with?  It asks the parent's file, if that is to be found.
 */
bool codex_is_history(struct reader *rd, const struct codex_info *info);

/* The path of the session's file, near the one that is read, or NULL. */
char *codex_find_rollout(const char *near, const char *id);

/* codex_exec.c: a line of a capture, if it is one. */
bool codex_capture_line(struct reader *rd, const char *text, size_t n,
    const struct json_text *type);
bool codex_is_capture(const struct json_text *type);

/* codex_usage.c: a token_count's "info", a token_usage_record, "compacted". */
void codex_token_count(struct reader *rd, struct json_scan *info, int64_t time);
void codex_response(struct reader *rd, const struct json_text *payload,
    int64_t time);
void codex_compacted(struct reader *rd, const struct json_text *payload);

bool codex_is_same(const struct codex_counts *a, const struct codex_counts *b);

/* A call that used so much; request_id NULL: there is none in the log. */
void codex_give(struct reader *rd, int64_t time, const struct codex_counts *c,
    const char *request_id);

/* Of struct importer. */
bool codex_open(struct reader *rd, const char *carry);
void codex_carry(const struct reader *rd, struct tk_buf *b);
void codex_close(struct reader *rd);

#endif
