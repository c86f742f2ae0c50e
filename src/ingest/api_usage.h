#ifndef INGEST_API_USAGE_H
#define INGEST_API_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/record.h"
#include "json/json.h"

/*
 * The usage objects of APIs, and what they mean in disjoint classes.
 *
 *	OpenAI chat      prompt_tokens with cached and written tokens inside,
 *	                 completion_tokens with reasoning inside
 *	OpenAI Responses input_tokens, output_tokens: the same
 *	Anthropic        input_tokens without cache reads and writes
 *	Gemini           promptTokenCount with cached tokens inside,
 *	                 candidatesTokenCount without thoughts, tools beside
 *
 * A stream says its usage in parts; api_usage_read() again puts what a later
 * part says over what an earlier one said.
 */
enum api_count {
	API_PROMPT,
	API_COMPLETION,
	API_TOTAL,
	API_INPUT,
	API_OUTPUT,
	API_CACHED, /* inside the input */
	API_WRITTEN,
	API_REASONING,
	API_READ, /* beside the input, or inside, as the kind says */
	API_WRITE,
	API_WRITE_5M,
	API_WRITE_1H,
	API_THINKING,
	API_SEARCHES,
	API_G_PROMPT,
	API_G_OUTPUT,
	API_G_THOUGHTS,
	API_G_CACHED,
	API_G_TOOL,
	API_G_TOTAL,
	API_COUNTS,
};

struct api_usage {
	int64_t n[API_COUNTS];
	bool has[API_COUNTS];
	bool details;      /* input_tokens_details is there: OpenAI's */
	int64_t tier;      /* enum record_tier */
	int64_t cost;      /* RECORD_UNKNOWN unless it says one */
	const char *wrong; /* the name of a value that is no count */
};

void api_usage_init(struct api_usage *u);

/* False: the text is no object. */
bool api_usage_read(struct api_usage *u, const struct json_text *object);

/* "default", "flex", "priority", "batch", ... */
void api_usage_tier(struct api_usage *u, const struct json_text *tier);

/* Was there any count of tokens?  Then those of r are set. */
bool api_usage_fill(const struct api_usage *u, struct usage_record *r);

#endif
