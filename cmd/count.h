#ifndef CMD_COUNT_H
#define CMD_COUNT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/num.h"
#include "cmd.h"
#include "count/count.h"
#include "estimate/content.h"
#include "estimate/estimate.h"
#include "out/out.h"

/*
 * What the files of "tokctl count" share.
 *
 *	count.c         options, and which way of counting they ask for
 *	count_target.c  a model or encoding -> what to count with
 *	count_tokenizer.c  tokenizers that come as a file
 *	count_row.c     results -> rows, or columns side by side
 *	count_plain.c   results -> lines
 *	count_files.c   whole files and folders, on threads
 *	count_lines.c   --lines, --jsonl, --csv: texts within a file
 *	count_ids.c     --ids, --pieces, --decode
 *	count_context.c --context
 *	count_fit.c     --fit, and --split in count_split.c; what they share is
 *	                in count_window.h
 *	count_chat.c    --chat
 */
struct count_args {
	struct cmd_common common;
	struct opt_list encodings;
	struct opt_list models;
	struct opt_list tokenizers;
	const char *add, *remove, *pattern; /* of tokenizers */
	bool list;
	const char *jsonl, *csv;
	const char *context;
	const char *into;
	int64_t max; /* -1: none; as are the next four */
	int64_t fit, split, overlap;
	int64_t output_tokens;
	int64_t threads;
	int at; /* enum fit_at */
	bool base64;
	bool calibrated;
	bool cost;
	bool decode;
	bool heuristic;
	bool ids;
	bool is_chat;
	bool lines;
	bool no_ignore;
	bool pieces;
	bool special;
	bool tail;
	bool total;
};

/* One way to count; there are several in a comparison. */
struct count_target {
	const char *model; /* as it was given, or NULL */
	const struct price_model *price;
	size_t encoding;                 /* of job.e */
	const struct estimate *estimate; /* NULL: exact */
	/* What --calibrated found, as factors of it, by kind of content. */
	struct count_calibration {
		struct estimate_factor by; /* ppm 0: nothing */
		int64_t calls;             /* that it is from */
	} calibrated[CONTENT_CLASSES];
	/* Sums over the texts. */
	int64_t texts, total, low, high;
	tk_int128 cost;
	bool unpriced; /* some cost is not known */
};

struct count_job {
	struct cmd_ctx *ctx;
	const struct count_args *args;
	struct count_target *target;
	size_t n;
	char **names; /* of models that requests name */
	size_t nnames;
	struct count_encoding **e; /* each once */
	struct count_stream **s;   /* of count_streams() */
	size_t encodings;
	const char **operand; /* what was named */
	size_t operands;
	size_t inputs; /* with the files found in folders */
	FILE *plain;   /* lines for people go here; NULL: rows to ctx->out */
	bool wide;     /* a column for each target */
	bool by_line;
	int64_t bytes;
	struct content content; /* of all texts */
	size_t unread;          /* files and folders that could not be read */
	struct out_col *cols;
	struct tk_buf titles;      /* of wide columns */
	struct count_lists *lists; /* of count_ids.c */
};

/* The tokens of one text by one target. */
struct count_figure {
	int64_t tokens;
	int64_t low, high;  /* the known error of an estimate */
	int64_t factor_ppm; /* 1000000 when exact; 0: of several texts */
	tk_int128 cost;
	bool priced, partial;
};

/* A text that was counted. */
struct count_text {
	const char *file;
	int64_t line; /* 0: a whole input */
	int64_t bytes;
	struct content content;
	const int64_t *counted;            /* by job.e */
	const struct tk_buf *ids, *pieces; /* JSON by job.e, or NULL */
};

/* An input that is read from beginning to end. */
struct count_input {
	const char *file; /* as it was given; NULL for no operand */
	const char *name; /* for messages */
	int fd;
};

/* count.c */
int count_input_open(struct count_input *in, const char *operand,
    struct tk_err *err);
void count_input_close(struct count_input *in);
FILE *count_input_stream(const struct count_input *in, struct tk_err *err);

/* Call fn for each operand, and go on after those that cannot be read. */
typedef int count_input_fn(struct count_job *j, struct count_input *in,
    void *data, struct tk_err *err);
int count_each_input(struct count_job *j, count_input_fn *fn, void *data,
    struct tk_err *err);

/* One that failed: TK_IO of one among several is said, and 0. */
int count_input_failed(struct count_job *j, const struct tk_err *why,
    struct tk_err *err);

/* count_target.c */
int count_targets_open(struct count_job *j, struct tk_err *err);
void count_targets_close(struct count_job *j);
void count_streams(struct count_job *j);
/* NULL for the heuristic, which has none. */
const char *count_target_encoding(const struct count_job *j,
    const struct count_target *t);
const char *count_target_name(const struct count_job *j,
    const struct count_target *t);
bool count_is_estimate(const struct count_job *j, const struct count_target *t);
bool count_has_estimate(const struct count_job *j);
void count_figure(const struct count_job *j, const struct count_target *t,
    const int64_t *counted, const struct content *c, struct count_figure *f);
/* What so many tokens may be that were estimated for text like that. */
void count_band(const struct count_target *t, const struct content *c,
    int64_t tokens, struct count_figure *f);
/* The factor of an estimate for text like that, parts per million. */
int64_t count_factor(const struct count_target *t, const struct content *c);
/* The target of that model, or that of no model; made if there is none. */
int count_target_model(struct count_job *j, const char *model, size_t *at,
    struct tk_err *err);
int count_target_default(struct count_job *j, size_t *at, struct tk_err *err);
/* The most that the encoding may count so that the target has at most max
 * tokens in text like that. */
int64_t count_limit(const struct count_target *t, int64_t max,
    const struct content *c);
/* "exact", "estimated: claude_legacy x 1.1 (prose), -5% to +5%". */
void count_how(const struct count_job *j, const struct count_target *t,
    const struct content *c, struct tk_buf *b);

/* The same on stderr, where what is printed has no room for it. */
void count_say_estimate(struct count_job *j, const struct content *c);

/* count_row.c */

/* Cells of rows of other ways: how an estimate is made, and its known error;
 * null for what is exact. */
#define COUNT_ESTIMATE_COLS \
	{ "content", "", OUT_TEXT, OUT_MACHINE }, \
	    { "factor", "", OUT_JSON, OUT_MACHINE }, \
	    { "low_tokens", "", OUT_INT, OUT_MACHINE }, \
	{ \
		"high_tokens", "", OUT_INT, OUT_MACHINE \
	}
void count_put_estimate(struct count_job *j, const struct count_target *t,
    const struct content *like, const struct count_figure *f);
void count_put_how(struct count_job *j, const struct count_target *t,
    const struct content *c);
void count_begin(struct count_job *j);
int count_text_row(struct count_job *j, const struct count_text *x,
    struct tk_err *err);
void count_end(struct count_job *j);
/* 1: *cost is what so many tokens of input cost, with --output-tokens; 0: it
 * is not known. */
int count_cost(struct count_job *j, const struct count_target *t,
    int64_t tokens, int64_t *cost, struct tk_err *err);

/* count_plain.c */
void count_plain_row(struct count_job *j, const struct count_target *t,
    const struct count_text *x, const struct count_figure *f);
void count_plain_total(struct count_job *j);

/* One for each way of counting. */
int count_files(struct count_job *j, struct tk_err *err);
int count_lines(struct count_job *j, struct tk_err *err);
int count_listed(struct count_job *j, struct tk_err *err);
int count_decoded(struct count_job *j, struct tk_err *err);
int count_contexts(struct count_job *j, struct tk_err *err);
int count_fitted(struct count_job *j, struct tk_err *err);
int count_chunks(struct count_job *j, struct tk_err *err);
int count_chats(struct count_job *j, struct tk_err *err);

/*
 * count_ids.c: one text, counted with every encoding, and printed with its
 * ids and pieces if those were asked for.
 */
struct count_lists;
void count_lists_free(struct count_job *j);
void count_start(struct count_job *j);
int count_add(struct count_job *j, const void *bytes, size_t n,
    struct tk_err *err);
int count_finish(struct count_job *j, struct count_text *x, struct tk_err *err);

/* count_tokenizer.c: an encoding that is built in or was added. */
int count_open_named(struct count_encoding **e, const char *name,
    struct tk_err *err);
void count_each_added(void (*fn)(const char *name, void *data), void *data);

/* Adding, removing and listing: 1 if that was asked for and is done. */
int count_keep_tokenizers(struct cmd_ctx *ctx, const struct count_args *a,
    int argc, const char **argv, struct tk_err *err);

#endif
