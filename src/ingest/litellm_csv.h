#ifndef INGEST_LITELLM_CSV_H
#define INGEST_LITELLM_CSV_H

#include "ingest/docs.h"

/*
 * A table of LiteLLM as CSV: each row becomes the JSON object that the row
 * is in a JSON export, with texts for values, and goes the same way.
 */
struct litellm_csv {
	struct tk_buf row;   /* its text, until all of its quotes are closed */
	struct tk_buf names; /* of the columns, with a NUL behind each */
	struct tk_buf object;
	size_t columns;
	bool open;    /* a quote is */
	int64_t line; /* where the row began */
};

void litellm_csv_init(struct litellm_csv *c);
void litellm_csv_release(struct litellm_csv *c);
void litellm_csv_line(struct litellm_csv *c, struct reader *rd,
    const char *text, size_t n, docs_fn *fn);
bool litellm_csv_whole(const struct litellm_csv *c);
/* The heading has columns that only SpendLogs has. */
bool litellm_csv_probe(const char *head, size_t n);

#endif
