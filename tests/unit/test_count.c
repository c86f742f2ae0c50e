/*
 * What must hold for any input, on inputs made here: every engine and every
 * way of dividing the text gives the same ids, and they decode to the text.
 */
#include "count/count.h"

#include <stdlib.h>

#include "base/buf.h"
#include "count/count_int.h"
#include "tap.h"

static const char *const engines[] = { "plain", "avx2", "neon", NULL };

static uint64_t seed = 20261121;

static uint32_t
dice(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 32) * n >> 32);
}

static void
add_ids(const uint32_t *ids, size_t n, void *data)
{
	tk_buf_add(data, ids, n * sizeof(*ids));
}

static bool
same(const struct tk_buf *a, const struct tk_buf *b)
{
	return a->len == b->len && memcmp(a->s, b->s, a->len) == 0;
}

static void
add_char(struct tk_buf *b, uint32_t c)
{
	char s[4];
	size_t n;

	if (c < 0x80) {
		s[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 63));
		n = 2;
	} else if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 63));
		s[2] = (char)(0x80 | (c & 63));
		n = 3;
	} else {
		s[0] = (char)(0xf0 | c >> 18);
		s[1] = (char)(0x80 | (c >> 12 & 63));
		s[2] = (char)(0x80 | (c >> 6 & 63));
		s[3] = (char)(0x80 | (c & 63));
		n = 4;
	}
	tk_buf_add(b, s, n);
}

/* Words, blanks and marks that meet in every way the patterns know. */
static const char *const atoms[] = { "a", "the", "B", "HTTP", "don", "'", "'s",
	"'T", "'ll", "'Re", "'ve", "1", "22", "4567", " ", "  ", "\n", "\r\n",
	"\t", " \n", "\n ", ".", ",", "...", "(", "/", "//", "\n/", "=",
	"==", "_", "-", "\x01", "\xc2\xa0", "\xe3\x80\x80", "\xc2\x85",
	"\xc3\xa9", "\xc3\x89", "\xcc\x81", "\xe4\xb8\xad",
	"\xe6\x96\x87\xe5\xad\x97", "\xc5\xbf", "'\xc5\xbf", "\xc7\x85",
	"\xf0\x9f\x98\x80", "\xd9\xa3", "\xd0\x94\xd0\xb0", "\xef\xbf\xbd",
	"\xef\xbb\xbf", "<|endoftext|>", "<|fim_", "<|",
	/* What normal forms change, and what the third pattern of DeepSeek's
	 * knows besides. */
	"e\xcc\x81", "\xe2\x84\xab", "\xef\xac\x81", "\xef\xbc\xa1",
	"\xe1\x84\x80\xe1\x85\xa1", "\xe1\x86\xa8", "\xcc\xb8", "\xcc\xa3",
	"\xef\xbc\x9c", "<think>", "EOT>", "<EOT>",
	"<\xef\xbd\x9c"
	"User\xef\xbd\x9c>",
	"\x7f", "\x1b", "_a", "#Z", "\xe3\x81\x82", "\xe3\x83\xbb",
	"\xe3\x81\x80", "\xe3\x82\x99", "\xe2\x80\x8d", "\xc2\xad",
	"\xe2\x85\xa7", "\xc2\xbd" };

static void
random_text(struct tk_buf *b, uint32_t n, bool ascii)
{
	tk_buf_reset(b);
	while (b->len < n) {
		const char *s = atoms[dice(sizeof(atoms) / sizeof(atoms[0]))];

		if (!ascii || (unsigned char)s[0] < 0x80)
			tk_buf_adds(b, s);
		for (uint32_t k = dice(40); k > 36; k--)
			tk_buf_adds(b, s);
	}
}

static void
random_bytes(struct tk_buf *b, uint32_t n)
{
	tk_buf_reset(b);
	while (b->len < n) {
		/* Leads, continuations and ASCII about as often as another. */
		static const uint8_t from[] = { 0x20, 0x80, 0xc0, 0xe0, 0xf0 };
		char c = (char)(from[dice(5)] + dice(32));

		tk_buf_add(b, &c, 1);
	}
}

static int64_t
ids_of(struct count_stream *s, const struct tk_buf *in, struct tk_buf *ids)
{
	struct tk_err err = TK_ERR_INIT;
	int64_t n = -1;

	tk_buf_reset(ids);
	count_stream_on_ids(s, add_ids, ids);
	count_text(s, in->s, in->len, &n, &err);
	count_stream_on_ids(s, NULL, NULL);
	return n;
}

/* The plain engine, in one go, is what the others are compared with. */
static bool
all_agree(struct count_stream *s, const struct tk_buf *in)
{
	struct tk_buf want = TK_BUF_INIT, got = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int64_t n, m;
	bool ok = true;

	count_use_engine("plain");
	n = ids_of(s, in, &want);
	for (int i = 0; engines[i] != NULL; i++) {
		size_t at = 0;

		if (!count_use_engine(engines[i]))
			continue;
		ok = ok && count_text(s, in->s, in->len, &m, &err) == 0 &&
		    m == n;
		ok = ok && ids_of(s, in, &got) == n && same(&want, &got);
		tk_buf_reset(&got);
		count_stream_on_ids(s, add_ids, &got);
		while (at < in->len) {
			size_t k = 1 + dice(i == 0 ? 20 : 200);

			k = k < in->len - at ? k : in->len - at;
			count_stream_add(s, in->s + at, k, &err);
			at += k;
		}
		count_stream_end(s, &m, &err);
		count_stream_on_ids(s, NULL, NULL);
		ok = ok && m == n && same(&want, &got);
	}
	count_use_engine(NULL);
	tk_buf_release(&want);
	tk_buf_release(&got);
	return ok;
}

/* The text, in the encoding's normal form if it has one. */
static void
normal_of(const struct count_encoding *e, struct tk_buf *text)
{
	struct norm z = { 0 };
	struct count_bytes out = { 0 };

	if (e->form == NORM_NONE)
		return;
	norm_add(&z, e->form, (const uint8_t *)text->s, text->len, true, &out);
	tk_buf_reset(text);
	tk_buf_add(text, out.s, out.len);
	free(out.s);
	norm_release(&z);
}

/*
 * Decoding gives the text back.  Where special tokens are found before the
 * text is normalized, what stands beside one might be composed with it
 * afterwards, so normal forms are compared.
 */
static bool
decodes_to(const struct count_encoding *e, struct count_stream *s,
    const struct tk_buf *in)
{
	struct tk_buf ids = TK_BUF_INIT, out = TK_BUF_INIT;
	struct tk_buf want = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	bool ok;

	ids_of(s, in, &ids);
	tk_buf_add(&want, in->s, in->len);
	normal_of(e, &want);
	ok = count_decode(e, (const uint32_t *)(const void *)ids.s, ids.len / 4,
		 &out, &err) == 0;
	normal_of(e, &out);
	ok = ok && same(&out, &want);
	tk_buf_release(&ids);
	tk_buf_release(&out);
	tk_buf_release(&want);
	return ok;
}

static void
engines_and_divisions_agree(const struct count_encoding *e,
    enum count_flags flags)
{
	struct count_stream *s = count_stream_new(e, flags);
	struct tk_buf in = TK_BUF_INIT;
	int bad = 0, not_back = 0;

	for (int i = 0; i < 200; i++) {
		random_text(&in, dice(i % 10 == 0 ? 3000 : 200), i % 3 > 0);
		bad += !all_agree(s, &in);
		not_back += !decodes_to(e, s, &in);
		random_bytes(&in, dice(200));
		bad += !all_agree(s, &in);
	}
	CHECK(bad == 0);
	CHECK(not_back == 0);
	tk_buf_release(&in);
	count_stream_free(s);
}

/* Up to 14 letters that mostly are no token, in a form that words have. */
static void
make_word(struct tk_buf *b)
{
	static const char *const before[] = { "", " ", "_", ".", "-", "/", "\t",
		"(", "\xc2\xa0" };
	uint32_t n = 1 + dice(14), form = dice(4);

	tk_buf_adds(b, before[dice(sizeof(before) / sizeof(before[0]))]);
	for (uint32_t i = 0; i < n; i++) {
		bool upper = form == 2 || (form == 1 && i == 0) ||
		    (form == 3 && dice(3) == 0);

		tk_buf_addf(b, "%c", (upper ? 'A' : 'a') + (int)dice(26));
	}
}

/* Of words that are new some come again at once, others later. */
static void
new_words_come_again(const struct count_encoding *e)
{
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_buf in = TK_BUF_INIT, word[64];
	int bad = 0;

	for (int k = 0; k < 64; k++)
		word[k] = (struct tk_buf)TK_BUF_INIT;
	for (int i = 0; i < 40; i++) {
		tk_buf_reset(&in);
		for (int k = 0; k < 64; k++) {
			if (dice(4) > 0)
				continue;
			tk_buf_reset(&word[k]);
			make_word(&word[k]);
		}
		for (int k = 0; k < 600; k++) {
			const struct tk_buf *w = &word[dice(64)];

			tk_buf_add(&in, w->s, w->len);
			tk_buf_adds(&in, dice(2) > 0 ? " " : "\n");
		}
		bad += !all_agree(s, &in);
	}
	CHECK(bad == 0);
	for (int k = 0; k < 64; k++)
		tk_buf_release(&word[k]);
	tk_buf_release(&in);
	count_stream_free(s);
}

/* Any two parts, one after the other, are the whole. */
static void
halves_make_the_whole(const struct count_encoding *e)
{
	struct count_stream *s = count_stream_new(e, COUNT_SPECIAL);
	struct tk_buf in = TK_BUF_INIT, whole = TK_BUF_INIT, got = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int64_t n;
	int bad = 0;

	for (int round = 0; round < 10; round++) {
		random_text(&in, 300, round % 2 == 0);
		ids_of(s, &in, &whole);
		for (size_t cut = 0; cut <= in.len; cut++) {
			tk_buf_reset(&got);
			count_stream_on_ids(s, add_ids, &got);
			count_stream_add(s, in.s, cut, &err);
			count_stream_add(s, in.s + cut, in.len - cut, &err);
			count_stream_end(s, &n, &err);
			bad += !same(&whole, &got);
		}
	}
	CHECK(bad == 0);
	tk_buf_release(&in);
	tk_buf_release(&whole);
	tk_buf_release(&got);
	count_stream_free(s);
}

/* Every token as a text. */
static void
every_token(const struct count_encoding *e)
{
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_buf in = TK_BUF_INIT, ids = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	uint32_t ranks = e->v->head->ranks;
	int bad = 0;

	for (uint32_t r = 0; r < ranks; r++) {
		size_t n;
		uint8_t room[16];
		const uint8_t *p = vocab_token(e->v, r, room, &n);
		int64_t plain, best;

		if (p == NULL)
			continue;
		tk_buf_reset(&in);
		tk_buf_add(&in, p, n);
		count_use_engine("plain");
		plain = ids_of(s, &in, &ids);
		count_use_engine(NULL);
		bad += count_text(s, in.s, in.len, &best, &err) < 0 ||
		    best != plain || (size_t)plain != ids.len / 4;
	}
	CHECK(bad == 0);
	tk_buf_release(&in);
	tk_buf_release(&ids);
	count_stream_free(s);
}

/* Each character of Unicode between letters, digits, marks and blanks. */
static void
every_code_point(const struct count_encoding *e)
{
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_buf in = TK_BUF_INIT;
	int bad = 0;

	for (uint32_t c = 0; c < 0x110000; c += c < 0x3100 ? 1 : 29) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		if (in.len > 4000 || c == 0) {
			bad += !all_agree(s, &in) || !decodes_to(e, s, &in);
			tk_buf_reset(&in);
		}
		tk_buf_adds(&in, "A");
		add_char(&in, c);
		tk_buf_adds(&in, "b1");
		add_char(&in, c);
		tk_buf_adds(&in, "2.");
		add_char(&in, c);
		tk_buf_adds(&in, ". ");
		add_char(&in, c);
	}
	CHECK(bad == 0 && all_agree(s, &in));
	tk_buf_release(&in);
	count_stream_free(s);
}

static void
fill(struct tk_buf *b, const char *unit, size_t n)
{
	tk_buf_reset(b);
	while (b->len < n)
		tk_buf_adds(b, unit);
}

/*
 * Up to a million bytes that other tokenizers take minutes for.  Known totals
 * are those of three independent implementations; quadratic work would show as
 * a test that does not end.
 */
static void
long_pieces_end(const struct count_encoding *e)
{
	bool o200k = strcmp(count_encoding_name(e), "o200k_base") == 0;
	size_t size = o200k ? 1000000 : 200000;
	static const struct {
		const char *unit;
		int64_t o200k; /* 0: not known */
	} units[] = {
		{ "a", 125000 },
		{ " ", 7813 },
		{ "=", 15625 },
		{ "\n", 62500 },
		{ "1", 333334 },
		{ "'", 0 },
		{ "\xe4\xb8\x80", 0 },
		{ "\xcc\x81", 500000 },
		{ "ab", 0 },
		{ " \n", 0 },
		{ "\xff", 0 },
	};
	struct count_stream *s = count_stream_new(e, 0);
	struct tk_buf in = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int64_t n = 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		fill(&in, units[i].unit, size);
		CHECK(count_text(s, in.s, in.len, &n, &err) == 0 && n > 0);
		if (units[i].o200k > 0 && o200k)
			CHECK(n == units[i].o200k);
	}
	tk_buf_release(&in);
	count_stream_free(s);
}

static void
every_id_decodes(const struct count_encoding *e)
{
	struct tk_buf token = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	int tokens = 0, back = 0;

	for (uint32_t id = 0; id < 210000; id++) {
		tk_buf_reset(&token);
		if (count_decode(e, &id, 1, &token, &err) == 0) {
			tokens++;
			back += token.len > 0;
		}
	}
	CHECK(tokens == back && tokens > 50000);
	CHECK(count_decode(e, &(uint32_t){ 4000000000 }, 1, &token, &err) < 0);
	CHECK(err.code == TK_DATA);
	tk_buf_release(&token);
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct count_encoding *e;

	for (size_t i = 0; count_name(i) != NULL; i++) {
		CHECK(count_open(&e, count_name(i), &err) == 0);
		/* Another encoding has the same tables. */
		if (strcmp(count_name(i), e->v->head->name) != 0) {
			engines_and_divisions_agree(e, COUNT_SPECIAL);
			count_close(e);
			continue;
		}
		engines_and_divisions_agree(e, 0);
		engines_and_divisions_agree(e, COUNT_SPECIAL);
		new_words_come_again(e);
		halves_make_the_whole(e);
		every_code_point(e);
		every_token(e);
		long_pieces_end(e);
		every_id_decodes(e);
		count_close(e);
	}
	return tap_done();
}
