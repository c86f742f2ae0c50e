#ifndef INGEST_RESPONSE_H
#define INGEST_RESPONSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What the answer of an API says was used: OpenAI (chat completions and
 * responses), Anthropic and Gemini, as one JSON document, as JSON Lines (the
 * sum of them), or as the lines "data: {...}" of a stream (each of which
 * repeats or completes what was said before: the largest counts).
 *
 * The classes are those of struct usage_record: disjoint, though OpenAI and
 * Gemini count what was read from a cache as input, too.
 */
struct response_usage {
	int64_t input, output, cache_read, cache_write_5m, cache_write_1h,
	    cache_write, reasoning;
	struct tk_buf model; /* "" when it is not said */
};

/* 1: found; 0: the text says nothing of it.  Total on any bytes. */
int response_usage_read(const char *text, size_t len, struct response_usage *u);
void response_usage_release(struct response_usage *u);

#endif
