/*
 * The writer takes any bytes and any numbers: every format is written, JSON
 * stays JSON, and a table line stays in the terminal and free of controls.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "base/utf8.h"
#include "out/out.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct out_col cols[] = {
	{ "name", "Name", OUT_TEXT, 0 },
	{ "n", "N", OUT_INT, OUT_MEDIUM },
	{ "cost_usd", "Cost", OUT_MONEY, OUT_PARTIAL },
	{ "time", "Time", OUT_TIME, OUT_SECONDS },
	{ "day", "Day", OUT_DAY, 0 },
	{ "part", "Part", OUT_RATIO, OUT_WIDE },
	{ "size", "Size", OUT_BYTES, OUT_WIDE },
	{ "text", "Text", OUT_TEXT, 0 },
	{ "bar", "", OUT_BAR, 0 },
	OUT_COL_END,
};

/* What is left of the input; zeros after its end. */
struct input {
	const uint8_t *p;
	size_t len;
};

static void
take(struct input *in, void *to, size_t n)
{
	size_t have = n < in->len ? n : in->len;

	memset(to, 0, n);
	memcpy(to, in->p, have);
	in->p += have;
	in->len -= have;
}

static char *
take_text(struct input *in)
{
	uint8_t n;
	char *s;

	take(in, &n, 1);
	s = calloc((size_t)n + 1, 1);
	take(in, s, n);
	return s;
}

static tk_int128
take_number(struct input *in)
{
	tk_int128 n = 0;
	uint8_t size;

	take(in, &size, 1);
	take(in, &n, size % (sizeof(n) + 1));
	return n;
}

static void
put_row(struct out *o, struct input *in)
{
	char *a = take_text(in), *b = take_text(in);

	out_text(o, a);
	out_int(o, take_number(in));
	out_money(o, take_number(in));
	out_partial(o);
	out_time(o, (int64_t)take_number(in));
	out_day(o, (int32_t)take_number(in));
	out_ratio(o, take_number(in), take_number(in));
	out_int(o, (int64_t)take_number(in));
	out_text(o, b);
	out_bar(o, take_number(in));
	out_end_row(o);
	free(a);
	free(b);
}

static char *
write_all(struct input in, const struct out_style *style, size_t *len)
{
	struct tk_err err = TK_ERR_INIT;
	char *text = NULL, *title = take_text(&in);
	FILE *to = open_memstream(&text, len);
	struct out *o = out_new(to, style);
	struct out_doc doc = { "fuzz/1", title, 0, 0, OUT_ROWS };

	doc.since = (int64_t)take_number(&in) % 253402300799999;
	doc.until = (int64_t)take_number(&in) % 253402300799999;
	out_document(o, &doc);
	out_filter(o, "title", title);
	out_begin(o, cols);
	for (int i = 0; in.len > 0 && i < 50; i++)
		put_row(o, &in);
	out_total(o);
	for (size_t i = 0; cols[i].key != NULL; i++)
		out_null(o);
	out_end_row(o);
	out_warning(o, "odd", "%s", title);
	if (out_close(o, &err) < 0)
		abort();
	fclose(to);
	free(title);
	return text;
}

static void
check_table(const char *text, size_t len)
{
	if (!tk_utf8_valid(text, len))
		abort();
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 && text[i] != '\n')
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct tk_zone *zone;
	struct tk_err err = TK_ERR_INIT;
	struct input in = { data, len };
	uint8_t width;

	if (zone == NULL && tk_zone_open(&zone, "Europe/Berlin", &err) < 0)
		return 0;
	take(&in, &width, 1);
	for (int f = 0; out_formats[f].name != NULL; f++) {
		struct out_style style = { .format = out_formats[f].value,
			.zone = zone,
			.width = width,
			.utf8 = len % 2 };
		size_t n;
		char *text = write_all(in, &style, &n);

		if (strcmp(out_formats[f].name, "table") == 0)
			check_table(text, n);
		if (strcmp(out_formats[f].name, "json") == 0) {
			json_t *j =
			    json_loadb(text, n, JSON_DECODE_INT_AS_REAL, NULL);

			if (j == NULL)
				abort();
			json_decref(j);
		}
		free(text);
	}
	return 0;
}
