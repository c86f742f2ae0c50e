/* Text cut at every safe place counts as the whole does. */
#include "count/cut.h"

#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

static uint32_t seed = 1;

static uint32_t
below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* What patterns look at, and what they could trip over. */
static const char *const atoms[] = { "a", "B", "the", "don't", "I'LL", "'s",
	"7", "2024", " ", "  ", "\n", "\n\n", "\r\n", "\t", ".", "...", "/",
	"//", "{", "\xc3\xa9", "\xcc\x81", "\xe4\xb8\xad", "\xe3\x80\x80",
	"\xe3\x81\x82", "\xc2\xa0", "\xc2\x85", "\xe2\x80\xa9",
	"\xf0\x9f\x98\x80", "\xff", "\xe4\xb8", "\xef\xac\x81",
	"\xe1\x84\x80\xe1\x85\xa1", "-", "_", "\xd7\x90", "\xc7\x85",
	"<|endoftext|>", "x y", "0 1", "\na" };

enum { ATOMS = sizeof(atoms) / sizeof(atoms[0]), TEXTS = 1500 };

static size_t
random_text(char *to)
{
	size_t n = 0;

	for (uint32_t i = below(24) + 2; i > 0; i--) {
		const char *a = atoms[below(ATOMS)];

		memcpy(to + n, a, strlen(a));
		n += strlen(a);
	}
	return n;
}

static int64_t
tokens(struct count_stream *s, const char *p, size_t n)
{
	struct tk_err err = TK_ERR_INIT;
	int64_t t = -1;

	count_text(s, p, n, &t, &err);
	return t;
}

/* Walk from the last cut down to the first. */
static int
cuts_hold(const struct count_encoding *e, struct count_stream *s,
    const char *text, size_t n, int *cuts)
{
	int64_t whole = tokens(s, text, n);

	for (size_t at = n; (at = count_cut(&e, 1, text, at)) > 0; ++*cuts)
		if (tokens(s, text, at) + tokens(s, text + at, n - at) != whole)
			return 0;
	return 1;
}

static void
parts_add_up(const char *name, enum count_flags flags)
{
	struct count_encoding *e;
	struct tk_err err = TK_ERR_INIT;
	struct count_stream *s;
	char text[1024];
	int bad = 0, cuts = 0;

	CHECK(count_open(&e, name, &err) == 0);
	s = count_stream_new(e, flags);
	for (int i = 0; i < TEXTS && count_can_cut(e, flags); i++) {
		size_t n = random_text(text);

		if (!cuts_hold(e, s, text, n, &cuts)) {
			text[n] = '\0';
			printf("# %s: '%s'\n", name, text);
			bad++;
		}
	}
	CHECK(bad == 0);
	/* Some patterns allow no cut behind a newline. */
	CHECK(cuts > TEXTS / 8 || !count_can_cut(e, flags));
	count_stream_free(s);
	count_close(e);
}

static void
the_last_place_is_found(void)
{
	const struct count_encoding *e;
	struct count_encoding *open;
	struct tk_err err = TK_ERR_INIT;

	CHECK(count_open(&open, "o200k_base", &err) == 0);
	e = open;
	if (count_can_cut(e, 0)) {
		CHECK(count_cut(&e, 1, "ab cd ef", 8) == 5);
		CHECK(count_cut(&e, 1, "ab  cd", 6) == 2);
		CHECK(count_cut(&e, 1, "ab", 2) == 0);
		CHECK(count_cut(&e, 1, " a", 2) == 0);
		CHECK(count_cut(&e, 1, ". a", 3) == 0);
	}
	count_close(open);
}

int
main(void)
{
	const char *name;

	for (size_t i = 0; (name = count_name(i)) != NULL; i++) {
		parts_add_up(name, 0);
		parts_add_up(name, COUNT_SPECIAL);
	}
	the_last_place_is_found();
	return tap_done();
}
