/*
 * The writer takes any bytes and any numbers, in one part or several: every
 * format is written, JSON stays JSON, a table line stays in the terminal and
 * free of controls, and of a page and a picture all tags are the writer's.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
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

/* What HTML draws as a heat map, and what tables have in its place. */
static const struct out_col heat_cols[] = {
	{ "weekday", "Weekday", OUT_TEXT, 0 },
	{ "hour_of_day", "Hour", OUT_TEXT, 0 },
	{ "n", "N", OUT_INT, 0 },
	{ "bar", "", OUT_BAR, 0 },
	OUT_COL_END,
};
static const struct out_col shade_cols[] = {
	{ "name", "", OUT_TEXT, 0 },
	{ "hours", "", OUT_SHADES, 0 },
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

static const char *const weekdays[] = { "Mon", "Tue", "Wed", "Thu", "Fri",
	"Sat", "Sun", NULL };

static void
put_parts(struct out *o, struct input *in, const char *title)
{
	struct out_part heat = { .key = "heat",
		.title = title,
		.flags = OUT_MACHINE,
		.picture = OUT_HEAT };
	struct out_part shades = { .key = "shades",
		.title = title,
		.flags = OUT_PEOPLE | OUT_TWIN };
	struct out_part one = { .key = "one", .title = "", .shape = OUT_ONE };
	char hour[4], *text;
	uint8_t at;

	out_part(o, &heat, heat_cols);
	for (int i = 0; in->len > 0 && i < 20; i++) {
		take(in, &at, 1);
		text = take_text(in);
		snprintf(hour, sizeof(hour), "%02d", at % 24);
		out_text(o, weekdays[at % 7]);
		out_text(o, at < 200 ? hour : text);
		out_int(o, take_number(in));
		out_bar(o, take_number(in));
		out_end_row(o);
		free(text);
	}
	out_part(o, &shades, shade_cols);
	text = take_text(in);
	out_text(o, text);
	out_shades(o, text);
	out_end_row(o);
	free(text);
	out_part(o, &one, cols);
	put_row(o, in);
}

static char *
write_all(struct input in, const struct out_style *style, size_t *len)
{
	struct tk_err err = TK_ERR_INIT;
	char *text = NULL, *title = take_text(&in);
	FILE *to = open_memstream(&text, len);
	struct out *o = out_new(to, style);
	struct out_doc doc = { .schema = "fuzz/1", .title = title };
	struct out_col all[TK_LEN(cols)];
	uint8_t how;

	doc.since = (int64_t)take_number(&in) % 253402300799999;
	doc.until = (int64_t)take_number(&in) % 253402300799999;
	take(&in, &how, 1);
	doc.picture = how & 1 ? OUT_CALENDAR : OUT_BARS;
	doc.flags = how & 2 ? OUT_MACHINE : 0;
	doc.week_start = how % 7;
	/* What the first column is, and so what the picture is of. */
	memcpy(all, cols, sizeof(cols));
	if (how & 4)
		all[0].flags |= OUT_PERIOD;
	if (how & 8)
		all[0].flags |= OUT_MACHINE;
	if (how & 16)
		all[1].flags = all[2].flags = all[3].flags = OUT_MACHINE;
	out_document(o, &doc);
	out_filter(o, "title", title);
	out_begin(o, all);
	for (int i = 0; in.len > 0 && i < 50; i++)
		put_row(o, &in);
	out_total(o);
	for (size_t i = 0; cols[i].key != NULL; i++)
		out_null(o);
	out_end_row(o);
	out_summary(o, title);
	for (size_t i = 0; cols[i].key != NULL; i++)
		out_text(o, title);
	out_end_row(o);
	if (how & 32)
		put_parts(o, &in, title);
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

/* Every tag is closed in its turn, and is one of ours; no quote ends an
 * attribute early. */
static void
check_tags(const char *text, size_t len)
{
	static const char *const ours[] = { "html", "head", "meta", "title",
		"style", "body", "h1", "h2", "p", "div", "b", "span", "section",
		"table", "thead", "tbody", "tfoot", "tr", "th", "td", "svg",
		"desc", "g", "rect", "text", "line", "small", "!DOCTYPE" };
	const char *end = text + len;
	int open = 0;

	if (!tk_utf8_valid(text, len))
		abort();
	for (const char *p = text; (p = memchr(p, '<', (size_t)(end - p)));) {
		bool closing = *++p == '/';
		const char *name = p + closing, *stop = strchr(p, '>');
		size_t n = strcspn(name, " />\n"), i = 0;

		if (stop == NULL)
			abort();
		while (i < TK_LEN(ours) &&
		    (strlen(ours[i]) != n || strncmp(ours[i], name, n) != 0))
			i++;
		if (i == TK_LEN(ours))
			abort();
		open += closing ? -1
		    : stop[-1] == '/' || *name == '!' ||
			strncmp(name, "meta", 4) == 0
		    ? 0
		    : 1;
		if (open < 0)
			abort();
		p = stop;
	}
	if (open != 0)
		abort();
}

static void
check_format(const char *name, const char *text, size_t len)
{
	if (strcmp(name, "table") == 0)
		check_table(text, len);
	if (strcmp(name, "html") == 0 || strcmp(name, "svg") == 0)
		check_tags(text, len);
	if (strcmp(name, "json") == 0) {
		json_t *j =
		    json_loadb(text, len, JSON_DECODE_INT_AS_REAL, NULL);

		if (j == NULL)
			abort();
		json_decref(j);
	}
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
	for (int f = 0; f == 0 || out_formats[f - 1].name != NULL; f++) {
		const char *name = out_formats[f].name;
		struct out_style style = { .format = name != NULL
			    ? out_formats[f].value
			    : out_format_svg,
			.zone = zone,
			.width = width,
			.utf8 = len % 2 };
		size_t n;
		char *text = write_all(in, &style, &n);

		check_format(name != NULL ? name : "svg", text, n);
		free(text);
	}
	return 0;
}
