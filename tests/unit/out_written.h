#ifndef TESTS_UNIT_OUT_WRITTEN_H
#define TESTS_UNIT_OUT_WRITTEN_H

/* What is written with a style, at a fixed time, in Berlin. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "out/out.h"

/* 2026-11-21T14:32:07+01:00 */
#define NOW INT64_C(1795267927000)
#define DAY INT64_C(86400000)

enum { F_TABLE, F_JSON, F_JSONL, F_CSV, F_MD };

static struct tk_zone *berlin;

static inline struct out_style
style(int format, int width)
{
	return (struct out_style){
		.format = format,
		.width = width,
		.utf8 = true,
		.now = NOW,
		.zone = berlin,
	};
}

/* What fn writes; freed by the next call. */
typedef void write_fn(struct out *o);

static inline const char *
written(write_fn *fn, struct out_style st)
{
	static char *text;
	struct tk_err err = TK_ERR_INIT;
	size_t len;
	FILE *to;
	struct out *o;

	free(text);
	to = open_memstream(&text, &len);
	o = out_new(to, &st);
	fn(o);
	if (out_close(o, &err) < 0)
		printf("# %s\n", err.msg);
	fclose(to);
	return text;
}

#endif
