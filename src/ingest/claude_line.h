#ifndef INGEST_CLAUDE_LINE_H
#define INGEST_CLAUDE_LINE_H

#include "json/json.h"

/*
 * A line of Claude Code's logs, taken apart.  Usage is read by its path in
 * the JSON and nowhere else: tools that work on usage have "usage" in their
 * arguments too.
 */

/* One object of usage, or one of its iterations. */
struct claude_usage {
	int64_t input, output, cache_read, thinking;
	int64_t cache_write, write_5m, write_1h;
	int64_t web_searches;
	bool split; /* the parts of cache_write are there */
	bool fast;
	struct json_text tier;
	struct json_text iterations; /* the array as it is */
	const char *wrong;           /* the key of a value that is no count */
};

/* What is wanted of a line. */
struct claude_line {
	struct json_text type, request, session, cwd, time, agent, uuid;
	struct json_text model, message, cost;
	struct claude_usage usage;
	bool has_usage, sidechain;
};

/* False: the text is no JSON; s says why. */
bool claude_line_read(struct claude_line *l, const char *text, size_t n,
    struct json_scan *s);

/* A member of a usage object; what is unknown is skipped. */
void claude_usage_member(struct json_scan *s, const struct json_text *key,
    struct claude_usage *u);

#endif
