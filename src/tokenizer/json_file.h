#ifndef TOKENIZER_JSON_FILE_H
#define TOKENIZER_JSON_FILE_H

#include "base/buf.h"
#include "json/json.h"

struct model;
struct tk_err;

/* A tokenizer.json while it is read, for json_file.c and json_model.c. */
enum {
	JSON_MODEL,
	JSON_NORMALIZER,
	JSON_PRE_TOKENIZER,
	JSON_ADDED,
	JSON_DECODER,
	JSON_PARTS,
};

struct json_file {
	struct model *m;
	struct json_text part[JSON_PARTS]; /* p is NULL: none */
	struct json_text vocab, merges;    /* of the model, */
	struct tk_buf rest;                /* and the object without them */
	struct tk_buf a, b, c;
};

/* When the pre-tokenizer was read, which says whether tokens are bytes. */
int json_read_model(struct json_file *f, struct tk_err *err);

#endif
