/*
 * Normalization forms C and KC against another implementation's results for
 * code points and sequences (see tests/data/count/README.md), and what must
 * hold for any text: dividing it changes nothing, and neither does doing it
 * again.
 */
#include "count/norm.h"

#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

#define DATA "tests/data/count/normal.tsv.xz"

static uint64_t seed = 20261122;

static uint32_t
dice(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * n >> 32);
}

static void
add_char(struct count_bytes *b, uint32_t c)
{
	uint8_t s[4];
	size_t n = 1;

	if (c < 0x80) {
		s[0] = (uint8_t)c;
	} else if (c < 0x800) {
		s[0] = (uint8_t)(0xc0 | c >> 6);
		n = 2;
	} else if (c < 0x10000) {
		s[0] = (uint8_t)(0xe0 | c >> 12);
		n = 3;
	} else {
		s[0] = (uint8_t)(0xf0 | c >> 18);
		n = 4;
	}
	for (size_t i = n; i-- > 1; c >>= 6)
		s[i] = (uint8_t)(0x80 | (c & 63));
	count_bytes_add(b, s, n);
}

/* "0041 030A": up to a tab or the end; returns what is behind it. */
static const char *
read_codes(const char *s, struct count_bytes *b)
{
	char *end;

	b->len = 0;
	while (*s != '\t' && *s != '\n' && *s != '\0') {
		add_char(b, (uint32_t)strtoul(s, &end, 16));
		s = *end == ' ' ? end + 1 : end;
	}
	return *s == '\t' ? s + 1 : s;
}

static bool
same(const struct count_bytes *a, const struct count_bytes *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->s, b->s, a->len) == 0);
}

static void
whole(struct norm *z, enum norm_form form, const struct count_bytes *in,
    struct count_bytes *out)
{
	out->len = 0;
	norm_add(z, form, in->s, in->len, true, out);
}

/* In parts that end anywhere between two characters. */
static void
parted(struct norm *z, enum norm_form form, const struct count_bytes *in,
    struct count_bytes *out)
{
	size_t at = 0, end = 0;

	out->len = 0;
	while (at < in->len) {
		end += 1 + dice(4);
		while (end < in->len && in->s[end] >> 6 == 2)
			end++;
		end = end < in->len ? end : in->len;
		at += norm_add(z, form, in->s + at, end - at, end == in->len,
		    out);
	}
}

static bool
becomes(struct norm *z, enum norm_form form, const struct count_bytes *in,
    const struct count_bytes *want)
{
	struct count_bytes got = { 0 }, again = { 0 };
	bool ok;

	whole(z, form, in, &got);
	ok = same(&got, want);
	whole(z, form, &got, &again);
	ok = ok && same(&again, want);
	parted(z, form, in, &got);
	ok = ok && same(&got, want);
	free(got.s);
	free(again.s);
	return ok;
}

static void
results_are_those_of_others(void)
{
	const char *path = getenv("NORMAL_TSV");
	struct count_bytes in = { 0 }, c = { 0 }, kc = { 0 };
	struct norm z = { 0 };
	char command[512], *line = NULL;
	size_t cap = 0;
	int good = 0, bad = 0;
	FILE *f;

	snprintf(command, sizeof(command), "xz -dc %s",
	    path != NULL ? path : DATA);
	f = popen(command, "r");
	while (f != NULL && getline(&line, &cap, f) > 0) {
		const char *s = read_codes(line, &in);
		bool ok;

		s = read_codes(s, &c);
		(void)read_codes(s, &kc);
		ok = becomes(&z, NORM_C, &in, &c) &&
		    becomes(&z, NORM_KC, &in, &kc);
		good += ok;
		bad += !ok;
		if (!ok && bad < 10)
			printf("# %s", line);
	}
	printf("# %d sequences\n", good);
	CHECK(good > 10000 && bad == 0);
	CHECK(f != NULL && pclose(f) == 0);
	free(line);
	free(in.s);
	free(c.s);
	free(kc.s);
	norm_release(&z);
}

/* Each alone and behind a letter: the second time nothing changes. */
static void
every_code_point_is_stable(void)
{
	struct count_bytes in = { 0 }, out = { 0 };
	struct norm z = { 0 };
	int bad = 0;

	for (uint32_t c = 0; c < 0x110000; c++) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		in.len = 0;
		add_char(&in, c);
		add_char(&in, 'a');
		add_char(&in, c);
		whole(&z, NORM_C, &in, &out);
		bad += !becomes(&z, NORM_C, &in, &out);
		whole(&z, NORM_KC, &in, &out);
		bad += !becomes(&z, NORM_KC, &in, &out);
	}
	CHECK(bad == 0);
	free(in.s);
	free(out.s);
	norm_release(&z);
}

static void
endless_marks_end(void)
{
	static const uint32_t marks[] = { 0x301, 0x323, 0x345, 0x300, 0x5b0 };
	struct count_bytes in = { 0 }, out = { 0 };
	struct norm z = { 0 };
	bool ordered = true;

	add_char(&in, 'a');
	for (int i = 0; i < 500000; i++)
		add_char(&in, marks[i % 5]);
	CHECK(norm_add(&z, NORM_C, in.s, in.len, false, &out) == 0);
	CHECK(out.len == 0);
	whole(&z, NORM_C, &in, &out);
	/* U+1EA1 and U+0345 are all that is left of the letter's own. */
	CHECK(out.len > 900000 && out.s[0] == 0xe1);
	for (size_t i = 3; i + 3 < out.len && ordered; i += 2)
		ordered = out.s[i] == 0xd6 || out.s[i + 2] != 0xd6;
	CHECK(ordered);
	in.len = 0;
	for (int i = 0; i < 300000; i++)
		add_char(&in, 0x1161);
	whole(&z, NORM_KC, &in, &out);
	CHECK(same(&in, &out));
	free(in.s);
	free(out.s);
	norm_release(&z);
}

int
main(void)
{
	results_are_those_of_others();
	every_code_point_is_stable();
	endless_marks_end();
	return tap_done();
}
