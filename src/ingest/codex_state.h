#ifndef INGEST_CODEX_STATE_H
#define INGEST_CODEX_STATE_H

#include "ingest/ingest_int.h"

struct codex_counts {
	int64_t input, cached, cache_write, output, reasoning, total;
};

/* What the lines so far have said; all of it is carried. */
struct codex_state {
	char *session, *cwd, *model, *provider, *tier;
	struct codex_counts before; /* the totals of the last token_count */
	bool counted;               /* and there was one */
	bool copying;               /* these lines are the parent's history */
	bool dated;                 /* the turn's id says when it was */
	int64_t born;               /* ms; when the session began */
	int64_t latest;             /* ms; of the last line, while copying */
};

/* A string of the state; an empty one changes nothing. */
void codex_set_text(char **to, struct reader *rd, const struct json_text *t);

/* A usage object; *wrong becomes the name of a member that is no count. */
bool codex_read_counts(struct json_scan *s, struct codex_counts *c,
    const char **wrong);

/* Of struct importer. */
bool codex_open(struct reader *rd, const char *carry);
void codex_carry(const struct reader *rd, struct tk_buf *b);
void codex_close(struct reader *rd);

#endif
