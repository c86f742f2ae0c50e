#ifndef CMD_COUNT_H
#define CMD_COUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "cmd.h"
#include "count/count.h"
#include "out/out.h"

/* What the two files of "tokctl count" share. */
struct count_args {
	struct cmd_common common;
	struct opt_list encodings;
	struct opt_list models;
	struct opt_list tokenizers;
	const char *add, *remove, *pattern; /* of tokenizers */
	bool list;
	const char *jsonl;
	int64_t max; /* -1: none */
	bool base64;
	bool decode;
	bool ids;
	bool lines;
	bool special;
	bool total;
};

/* One encoding to count with; there are several in a comparison. */
struct count_target {
	const char *model; /* as it was given, or NULL */
	struct count_encoding *e;
	struct count_stream *s;
	int64_t total;
	struct tk_buf ids; /* "[1, 2", of the text that is being counted */
	bool listed;       /* whether there was one already */
	FILE *plain;
};

struct count_job {
	struct cmd_ctx *ctx;
	const struct count_args *args;
	struct count_target *target;
	size_t n;
	size_t inputs;
	FILE *plain; /* lines for people go here; NULL: rows to ctx->out */
	int64_t bytes;
	struct out_col cols[8];
	char chunk[1 << 16];
};

struct count_input {
	const char *file; /* as it was given; NULL for no operand */
	const char *name; /* for messages */
	int fd;
};

struct count_result {
	const char *file;
	int64_t line; /* 0: a whole input */
	int64_t tokens, bytes;
};

/* A text: start, add as often as needed, finish, which prints it. */
void count_start(struct count_job *j);
int count_add(struct count_job *j, const void *bytes, size_t n,
    struct tk_err *err);
int count_finish(struct count_job *j, struct count_result *r,
    struct tk_err *err);

/* One row as it stands. */
void count_row(struct count_job *j, const struct count_target *t,
    const struct count_result *r);

/* count_lines.c */
int count_lines_input(struct count_job *j, struct count_input *in,
    struct tk_err *err);
int count_decode_input(struct count_job *j, struct count_input *in,
    struct tk_err *err);

/* count_tokenizer.c: an encoding that is built in or was added. */
int count_open_named(struct count_encoding **e, const char *name,
    struct tk_err *err);
void count_each_added(void (*fn)(const char *name, void *data), void *data);

/* Adding, removing and listing: 1 if that was asked for and is done. */
int count_keep_tokenizers(struct cmd_ctx *ctx, const struct count_args *a,
    int argc, const char **argv, struct tk_err *err);

#endif
