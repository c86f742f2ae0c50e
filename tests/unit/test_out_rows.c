/* Rows that are spelled apart are, byte for byte, those of the cells. */
#include "out/out_rows.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "base/time.h"
#include "tap.h"

enum { F_TABLE, F_JSON, F_JSONL, F_CSV, NAMES = 40, ROWS = 5000 };

static const struct tk_choice words[] = {
	{ "low", 1 },
	{ "hi,gh", 3 },
	{ NULL, 0 },
};

static const struct out_col cols[] = {
	{ "time", "Time", OUT_TIME, 0 },
	{ "user", "User", OUT_TEXT, 0 },
	{ "a_key_of_more_than_thirty_two_bytes", "N", OUT_INT, 0 },
	{ "cost", "Cost", OUT_MONEY, 0 },
	{ "word", "Word", OUT_TEXT, 0 },
	{ "text", "Text", OUT_TEXT, 0 },
	{ "json", "Json", OUT_JSON, 0 },
	{ "good", "Good", OUT_BOOL, 0 },
	{ "none", "None", OUT_TEXT, 0 },
	OUT_COL_END,
};

/* The two structs. */
struct one {
	int64_t time, n, cost, word;
	uint32_t user;
};

struct two {
	const char *text, *json;
	int64_t good;
};

static const struct out_field fields[] = {
	{ OUT_FIELD_TIME, 0, offsetof(struct one, time), NULL },
	{ OUT_FIELD_NAME, 0, offsetof(struct one, user), NULL },
	{ OUT_FIELD_INT, 0, offsetof(struct one, n), NULL },
	{ OUT_FIELD_MONEY, 0, offsetof(struct one, cost), NULL },
	{ OUT_FIELD_WORD, 0, offsetof(struct one, word), words },
	{ OUT_FIELD_TEXT, 1, offsetof(struct two, text), NULL },
	{ OUT_FIELD_JSON, 1, offsetof(struct two, json), NULL },
	{ OUT_FIELD_WORD, 1, offsetof(struct two, good), NULL },
	{ OUT_FIELD_NULL, 0, 0, NULL },
};

static uint64_t state = 88172645463325252u;

static uint64_t
next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Of every length, and what every format has trouble with. */
static char *
any_text(void)
{
	static const char *const odd[] = { "\"", ",", "\n", "\r", " ", "\t",
		"=", "@x", "\\", "\x01", "\xc3\xa4", "\xff", "'", "日本",
		"\\." };
	size_t len =
	    next_random() % 8 == 0 ? next_random() % 9000 : next_random() % 70;
	char *s = malloc(len + 100), *p = s;

	if (next_random() % 4 == 0)
		p += sprintf(p, "%s", odd[next_random() % 15]);
	for (size_t i = 0; i < len; i++)
		*p++ = (char)('a' + next_random() % 26);
	if (next_random() % 4 == 0)
		p += sprintf(p, "%s", odd[next_random() % 15]);
	*p = '\0';
	return s;
}

static int64_t
any_number(void)
{
	static const int64_t edges[] = { 0, 1, -1, 9, 10, 99, 100, 99999999,
		100000000, 9999999999999999, 10000000000000000, INT64_MAX,
		OUT_NONE, INT64_MIN + 1, 1000000000000, 999999999999,
		1000000000001, 120000000000, 100000000000000 };
	uint64_t r = next_random();

	if (r % 3 == 0)
		return edges[r / 3 % (sizeof(edges) / sizeof(*edges))];
	return (int64_t)(next_random() >> r % 64);
}

static struct data {
	char *name[NAMES];
	struct one one[ROWS];
	struct two two[ROWS];
} d;

static void
make_data(void)
{
	for (int i = 1; i < NAMES; i++)
		d.name[i] = any_text();
	for (int i = 0; i < ROWS; i++) {
		d.one[i] =
		    (struct one){ (int64_t)(next_random() % 2000000000000),
			    any_number(), any_number(),
			    (int64_t)(next_random() % 6) - 1,
			    (uint32_t)(next_random() % NAMES) };
		if (i % 100 == 0)
			d.one[i].time = any_number();
		d.two[i].text = next_random() % 8 == 0 ? NULL : any_text();
		d.two[i].json = next_random() % 2 == 0 ? NULL : any_text();
		d.two[i].good = next_random() % 2;
	}
}

static void
drop_data(void)
{
	for (int i = 1; i < NAMES; i++)
		free(d.name[i]);
	for (int i = 0; i < ROWS; i++) {
		free((char *)(uintptr_t)d.two[i].text);
		free((char *)(uintptr_t)d.two[i].json);
	}
}

static void
number(struct out *o, int64_t n, void (*fn)(struct out *o, tk_int128 n))
{
	if (n == OUT_NONE)
		out_null(o);
	else
		fn(o, n);
}

static void
write_cells(struct out *o, int i)
{
	const struct one *a = &d.one[i];
	const struct two *b = &d.two[i];

	out_time(o, a->time);
	out_text(o, d.name[a->user]);
	number(o, a->n, out_int);
	number(o, a->cost, out_money);
	out_text(o, a->word == 1 ? "low" : a->word == 3 ? "hi,gh" : NULL);
	out_text(o, b->text);
	out_json_text(o, b->json);
	out_bool(o, b->good);
	out_null(o);
	out_end_row(o);
}

/* In pieces of some rows; names are added when they are missing. */
static void
write_rows(struct out *o, int n)
{
	struct out_names *names = out_names_new(o, NAMES - 1);
	struct out_rows *rows = out_rows_new(o, names, fields);
	int missed = 0;

	for (int i = 0; i < n; i++) {
		const void *from[OUT_STRUCTS] = { &d.one[i], &d.two[i] };
		uint32_t id;

		while ((id = out_rows_add(rows, from)) != 0) {
			missed += out_names_has(names, id);
			out_names_add(names, id, d.name[id]);
		}
		if (next_random() % 97 == 0)
			out_put_rows(o, rows);
	}
	CHECK(missed == 0);
	out_put_rows(o, rows);
	CHECK(out_rows_count(rows) == 0);
	out_put_rows(o, rows); /* nothing is nothing */
	out_rows_free(rows);
	out_names_free(names);
}

static char *
written(int format, const struct tk_zone *zone, bool guard, int n, bool rows)
{
	struct out_style style = { .format = format, .now = 0, .zone = zone };
	struct tk_err err = TK_ERR_INIT;
	char *text;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	struct out *o = out_new(to, &style);

	if (guard)
		out_guard(o);
	out_begin(o, cols);
	CHECK(out_takes_rows(o));
	if (rows)
		write_rows(o, n);
	for (int i = 0; !rows && i < n; i++)
		write_cells(o, i);
	CHECK(out_close(o, &err) == 0);
	fclose(to);
	return text;
}

static void
rows_are_those_of_the_cells(const char *zone_name)
{
	static const int format[] = { F_JSON, F_JSONL, F_CSV, F_CSV };
	static const int many[] = { 0, 1, ROWS };
	struct tk_err err = TK_ERR_INIT;
	struct tk_zone *zone;

	CHECK(tk_zone_open(&zone, zone_name, &err) == 0);
	for (int f = 0; f < 4; f++)
		for (int m = 0; m < 3; m++) {
			char *a =
			    written(format[f], zone, f == 3, many[m], false);
			char *b =
			    written(format[f], zone, f == 3, many[m], true);

			CHECK(strcmp(a, b) == 0);
			free(a);
			free(b);
		}
	tk_zone_free(zone);
}

static void
people_get_cells(void)
{
	struct out_style style = { .format = F_TABLE };
	struct out *o = out_new(stdout, &style);

	out_begin(o, cols);
	CHECK(!out_takes_rows(o));
	out_discard(o);
}

static void
a_full_disk_is_said(void)
{
	struct out_style style = { .format = F_CSV };
	struct tk_err err = TK_ERR_INIT;
	FILE *full = fopen("/dev/full", "w");
	struct tk_zone *utc;
	struct out *o;

	CHECK(tk_zone_open(&utc, "UTC", &err) == 0);
	style.zone = utc;
	o = out_new(full, &style);
	out_begin(o, cols);
	write_rows(o, ROWS);
	CHECK(out_failed(o));
	CHECK(out_close(o, &err) < 0);
	fclose(full);
	tk_zone_free(utc);
}

/* Times of two summers and winters whose zone is looked up in one place. */
static int64_t
time_of(int i)
{
	return INT64_C(1708000000000) + (i % 2) * (INT64_C(1) << 36) +
	    (int64_t)i * 1000;
}

static void
spell_times(struct out_rows *r)
{
	for (int i = 0; i < 50000; i++) {
		struct one one = { .time = time_of(i) };
		struct two two = { 0 };
		const void *from[OUT_STRUCTS] = { &one, &two };

		out_rows_add(r, from);
	}
}

static void *
spell_beside(void *rows)
{
	for (int i = 0; i < 50000; i++) {
		struct one one = { .time = time_of(i + 1) };
		struct two two = { 0 };
		const void *from[OUT_STRUCTS] = { &one, &two };

		out_rows_add(rows, from);
	}
	return NULL;
}

static char *
spelled_times(const struct tk_zone *zone, bool beside)
{
	struct out_style style = { .format = F_CSV, .zone = zone };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	struct out *o = out_new(to, &style);
	struct tk_err err = TK_ERR_INIT;
	struct out_rows *r, *other;
	pthread_t thread;

	out_begin(o, cols);
	r = out_rows_new(o, NULL, fields);
	other = out_rows_new(o, NULL, fields);
	if (beside)
		CHECK(tk_thread_start(&thread, spell_beside, other));
	spell_times(r);
	if (beside)
		pthread_join(thread, NULL);
	out_put_rows(o, r);
	CHECK(out_close(o, &err) == 0);
	out_rows_free(r);
	out_rows_free(other);
	fclose(to);
	return text;
}

static void
two_threads_do_not_share_a_zone(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_zone *zone;
	char *alone, *beside;

	CHECK(tk_zone_open(&zone, "Europe/Berlin", &err) == 0);
	alone = spelled_times(zone, false);
	beside = spelled_times(zone, true);
	CHECK(strcmp(alone, beside) == 0);
	free(alone);
	free(beside);
	tk_zone_free(zone);
}

int
main(void)
{
	make_data();
	rows_are_those_of_the_cells("UTC");
	rows_are_those_of_the_cells("Europe/Berlin");
	people_get_cells();
	a_full_disk_is_said();
	two_threads_do_not_share_a_zone();
	drop_data();
	return tap_done();
}
