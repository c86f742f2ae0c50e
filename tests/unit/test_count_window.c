/*
 * Where pieces end: windows of 64 bytes find the places that the rules find
 * one after the other, for every character, in every script, and at every
 * distance from the window's end.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/buf.h"
#include "count/count_int.h"
#include "tap.h"

static const struct engine *const others[] = { &engine_avx2, &engine_neon };

static uint32_t
dice(uint32_t n)
{
	static uint64_t seed = 20261123;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * n >> 32);
}

static void
add_char(struct tk_buf *b, uint32_t c)
{
	static const uint8_t lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	char s[4];

	for (int i = more; i > 0; i--, c >>= 6)
		s[i] = (char)(0x80 | (c & 63));
	s[0] = (char)(lead[more] | c);
	tk_buf_add(b, s, (size_t)more + 1);
}

/* All places where that engine cuts, behind each other; returns how many. */
static uint32_t
places(const struct engine *e, const struct text *t, uint32_t pattern,
    uint32_t *at)
{
	static struct batch b;
	uint32_t n = 0;

	b.rest = 0;
	b.at[0] = 0;
	do {
		e->cut(t, pattern, b.at[b.n = 0], &b);
		for (uint32_t i = 0; i < b.n; i++)
			at[n++] = b.at[i + 1];
		b.at[0] = b.at[b.n];
	} while (b.n >= BATCH_MAX && b.at[0] < t->len);
	return n;
}

/* Behind a text anything can be: here a letter of three bytes. */
static struct text
text_of(struct tk_buf *b, bool final)
{
	uint32_t len = (uint32_t)b->len;

	for (int i = 0; i < COUNT_PAD; i += 2)
		tk_buf_adds(b, "\xe3\x81\x82");
	return (
	    struct text){ (const uint8_t *)b->s, len, final, NULL, false, 3 };
}

/* Whether every engine cuts like the plain one. */
static bool
is_cut_alike(struct tk_buf *b, uint32_t pattern)
{
	static uint32_t want[1 << 16], got[1 << 16];
	struct text t = text_of(b, true);
	uint32_t n = places(&engine_plain, &t, pattern, want);

	for (size_t i = 0; i < TK_LEN(others); i++) {
		if (!others[i]->works())
			continue;
		if (places(others[i], &t, pattern, got) != n ||
		    memcmp(want, got, n * sizeof(*got)) != 0)
			return false;
	}
	return true;
}

static void
every_character_among_others(void)
{
	struct tk_buf b = TK_BUF_INIT;

	for (uint32_t pattern = 0; pattern < VOCAB_PATTERNS; pattern++) {
		int bad = 0;

		/* Beyond, most are not assigned. */
		for (uint32_t c = 0; c < 0x110000; c += c < 0x20000 ? 1 : 41) {
			if (c >= 0xd800 && c < 0xe000)
				continue;
			tk_buf_reset(&b);
			for (const char *p = "bc#Aa#A# #1#,#\n##'s #B#: #";
			     *p != '\0'; p++)
				add_char(&b, *p == '#' ? c : (uint8_t)*p);
			bad += !is_cut_alike(&b, pattern);
		}
		CHECK(bad == 0);
	}
	tk_buf_release(&b);
}

/* Ranges of what is near to each other in texts. */
static const uint32_t scripts[][2] = { { 'a', 'z' }, { 'A', 'Z' }, { ' ', '/' },
	{ '\t', '\r' }, { 0xa0, 0xff }, { 0x100, 0x17f }, { 0x1c4, 0x1cc },
	{ 0x2b0, 0x36f }, { 0x391, 0x3c9 }, { 0x410, 0x44f }, { 0x5d0, 0x5ea },
	{ 0x600, 0x669 }, { 0x900, 0x96f }, { 0xe01, 0xe5b },
	{ 0x10a0, 0x10ff }, { 0x1100, 0x11ff }, { 0x1f00, 0x1fff },
	{ 0x2000, 0x206f }, { 0x2160, 0x2188 }, { 0x3000, 0x3020 },
	{ 0x3041, 0x30ff }, { 0x33f0, 0x3410 }, { 0x4db0, 0x4e10 },
	{ 0x4e00, 0x9fff }, { 0xa000, 0xabff }, { 0xabf0, 0xac10 },
	{ 0xac00, 0xd7a3 }, { 0xd780, 0xd7ff }, { 0xfe20, 0xfe2f },
	{ 0xff00, 0xffef }, { 0x10400, 0x1044f }, { 0x1d400, 0x1d7ff },
	{ 0x1f300, 0x1f6ff }, { 0x20000, 0x2a6df } };

static void
random_text(struct tk_buf *b)
{
	static const char *const between[] = { " ", ", ", "'", "'s", "'ll",
		"'\xc5\xbf", "\n", "  \n\n ", "1234", "/" };
	uint32_t of = 1 + dice(4), way[4], n = 1 + dice(300);

	for (uint32_t i = 0; i < of; i++)
		way[i] = dice(TK_LEN(scripts));
	tk_buf_reset(b);
	while (b->len < n) {
		const uint32_t *range = scripts[way[dice(of)]];

		for (uint32_t k = 1 + dice(12); k > 0; k--)
			add_char(b, range[0] + dice(range[1] - range[0] + 1));
		if (dice(3) == 0)
			tk_buf_adds(b, between[dice(TK_LEN(between))]);
	}
}

static void
texts_of_several_scripts(void)
{
	struct tk_buf b = TK_BUF_INIT;

	for (uint32_t pattern = 0; pattern < VOCAB_PATTERNS; pattern++) {
		int bad = 0;

		for (int i = 0; i < 40000; i++) {
			random_text(&b);
			bad += !is_cut_alike(&b, pattern);
		}
		CHECK(bad == 0);
	}
	tk_buf_release(&b);
}

/* Cut at seams as well, and only there. */
static bool
is_divided_well(struct text t, const struct vocab *v, const struct engine *e)
{
	static uint32_t want[1 << 16], got[1 << 16];
	uint32_t pattern = v->head->pattern, k = 0, i = 0;
	uint32_t n = places(&engine_plain, &t, pattern, want), m;

	t.seams = v->seams;
	t.bare = dice(2) == 0;
	m = places(e, &t, pattern, got);
	for (; k < m; k++) {
		if (i < n && got[k] == want[i])
			i++;
		else if (!vocab_is_any_seam(v->seams, t.s, got[k]))
			return false;
	}
	return i == n;
}

static void
pieces_are_divided_at_seams(void)
{
	static const char *const names[] = { "o200k_base", "cl100k_base" };
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf b = TK_BUF_INIT;

	for (size_t k = 0; k < TK_LEN(names); k++) {
		struct vocab *v;
		int bad = 0;

		if (vocab_open(&v, names[k], &err) < 0)
			continue;
		for (int i = 0; i < 40000; i++) {
			random_text(&b);
			for (size_t e = 0; e < TK_LEN(others); e++)
				bad += others[e]->works() &&
				    !is_divided_well(text_of(&b, true), v,
					others[e]);
		}
		CHECK(bad == 0);
		vocab_free(v);
	}
	tk_buf_release(&b);
}

/* Of a text that goes on, what is cut must be so however it goes on. */
static void
what_is_certain_stays(void)
{
	static uint32_t part[1 << 16], all[1 << 16];
	struct tk_buf b = TK_BUF_INIT;

	for (uint32_t pattern = 0; pattern < VOCAB_PATTERNS; pattern++) {
		int bad = 0;

		for (int i = 0; i < 20000; i++) {
			struct text t;

			random_text(&b);
			t = text_of(&b, true);
			for (size_t e = 0; e < TK_LEN(others); e++) {
				struct text cut = t;
				uint32_t n, k;

				if (!others[e]->works())
					continue;
				cut.final = false;
				cut.len = dice(t.len + 1);
				while ((t.s[cut.len] & 0xc0) == 0x80)
					cut.len--;
				k = places(&engine_plain, &t, pattern, all);
				n = places(others[e], &cut, pattern, part);
				bad += n > k ||
				    memcmp(part, all, n * sizeof(*all)) != 0;
			}
		}
		CHECK(bad == 0);
	}
	tk_buf_release(&b);
}

int
main(void)
{
	every_character_among_others();
	texts_of_several_scripts();
	pieces_are_divided_at_seams();
	what_is_certain_stays();
	return tap_done();
}
