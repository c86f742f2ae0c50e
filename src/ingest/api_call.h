#ifndef INGEST_API_CALL_H
#define INGEST_API_CALL_H

#include "ingest/api_usage.h"
#include "ingest/hash.h"
#include "ingest/ingest_int.h"

/* What an object is that an API sent. */
enum api_kind {
	API_NOTHING, /* none, or one that says nothing of usage */
	API_ANSWER,  /* a call, or a sighting of it, with its usage */
	API_START,   /* Anthropic: names the call, and what went in */
	API_DELTA,   /* Anthropic: what came out so far */
	API_STOP,    /* Anthropic: the end of it */
	API_CHUNK,   /* Gemini: without an id, and not the last of its call */
};

enum { API_NAME = 256 };

/* Texts are copied, since a call may go on over many lines. */
struct api_call {
	struct api_usage usage;
	char id[API_NAME];
	char model[API_NAME];
	char session[API_NAME];
	const char *provider; /* a constant, or NULL */
	int64_t time;         /* RECORD_UNKNOWN: it does not say */
	bool batch;
	struct hash128 content; /* of the text, without its white space */
};

/* s->wrong is set when the text is no JSON. */
enum api_kind api_call_read(struct api_call *c, struct reader *rd,
    const char *text, size_t n, struct json_scan *s);

/* The call of a stream that is not complete. */
struct api_open {
	enum api_kind kind; /* API_NOTHING: there is none */
	struct api_call call;
};

/* Put a part to what came before; *c is then what is known of the call.
 * False: there is nothing to give yet. */
bool api_call_join(struct api_open *open, struct api_call *c,
    enum api_kind kind);

/* At the end: a call that was not given yet. */
bool api_call_rest(struct api_open *open, struct api_call *c);

/* Give it; true if it had no id of its own: then seen tells it from its
 * equals. */
bool api_call_give(struct reader *rd, const struct api_call *c,
    struct ids *seen);

/* Does the file begin with an answer? */
enum probe api_call_probe(const char *head, size_t n);

#endif
