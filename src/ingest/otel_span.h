#ifndef INGEST_OTEL_SPAN_H
#define INGEST_OTEL_SPAN_H

#include "ingest/ingest_int.h"

/* What is said of all spans of a resource; the texts are the batch's. */
struct otel_around {
	const char *application; /* service.name */
};

void otel_around_read(struct otel_around *a, struct reader *rd,
    const struct json_text *attributes);

struct otel_span {
	uint64_t id, parent; /* hashes, with the trace's; 0: none */
	bool has_usage;
	bool call;         /* of a model, by its gen_ai.operation.name */
	uint64_t usage;    /* hash of the counts */
	const char *wrong; /* what is wrong with it; a constant */
	struct usage_record record; /* if has_usage */
};

/* A span of OTLP, whose attributes are a list, or one whose are an object. */
void otel_span_read(struct otel_span *span, struct reader *rd,
    const struct json_text *text, const struct otel_around *around);

#endif
