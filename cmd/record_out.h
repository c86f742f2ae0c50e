#ifndef CMD_RECORD_OUT_H
#define CMD_RECORD_OUT_H

#include "out/out_rows.h"

struct packed_record;
struct usage_record;

/* How a usage record is printed: every column, in the order of export. */
enum record_out_col {
	RECORD_OUT_ID,
	RECORD_OUT_TIME,
	RECORD_OUT_USER,
	RECORD_OUT_APPLICATION,
	RECORD_OUT_MODEL,
	RECORD_OUT_PROVIDER,
	RECORD_OUT_SESSION,
	RECORD_OUT_PROJECT,
	RECORD_OUT_AGENT,
	RECORD_OUT_ENDPOINT,
	RECORD_OUT_PRIORITY,
	RECORD_OUT_SOURCE,
	RECORD_OUT_TIER,
	RECORD_OUT_REQUESTS,
	RECORD_OUT_INPUT_TOKENS,
	RECORD_OUT_CACHE_READ_TOKENS,
	RECORD_OUT_CACHE_WRITE_5M_TOKENS,
	RECORD_OUT_CACHE_WRITE_1H_TOKENS,
	RECORD_OUT_CACHE_WRITE_OTHER_TOKENS,
	RECORD_OUT_CACHE_WRITE_TOKENS,
	RECORD_OUT_OUTPUT_TOKENS,
	RECORD_OUT_REASONING_TOKENS,
	RECORD_OUT_UNSPLIT_TOKENS,
	RECORD_OUT_TOTAL_TOKENS,
	RECORD_OUT_ESTIMATED_INPUT_TOKENS,
	RECORD_OUT_WEB_SEARCHES,
	RECORD_OUT_COST_USD,
	RECORD_OUT_COST_ORIGIN,
	RECORD_OUT_REQUEST_ID,
	RECORD_OUT_SUCCESS,
	RECORD_OUT_ERROR,
	RECORD_OUT_LATENCY_MS,
	RECORD_OUT_FIRST_TOKEN_MS,
	RECORD_OUT_TOOLS,
	RECORD_OUT_METADATA,
	RECORD_OUT_MACHINE,
	RECORD_OUT_KEY,
};

enum { RECORD_OUT_COLS = RECORD_OUT_KEY + 2 }; /* with OUT_COL_END */
extern const struct out_col record_out_cols[RECORD_OUT_COLS];
void record_out_row(struct out *o, const struct usage_record *r);

/* The kinds of names, one bit each, that these columns are made of; the last
 * is -1. */
uint32_t record_out_names(const int *col);

/*
 * How rows are spelled straight from a packed_record, the first struct,
 * and what is made of it, the second.
 */
struct record_made {
	int64_t cache_write, total, success;
	const char *request_id; /* every record has one */
};

void record_out_field(int col, struct out_field *f);
void record_make(struct record_made *made, const struct packed_record *v);

/* One of them, of enum record_out_col. */
void record_out_cell(struct out *o, const struct usage_record *r, int col);

#endif
