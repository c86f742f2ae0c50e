/*
 * Byte-level tokenizers that src/count does itself are equal to what the
 * stages of src/tokenizer make of them: random ones, with merges in an order
 * in which some tokens are never made, several merges for one token, and
 * added tokens of each kind, on random texts.
 */
#include <string.h>

#include "base/buf.h"
#include "count/cut.h"
#include "tap.h"
#include "tokenizer/tokenizer.h"

enum { TOKENS = 60, MODELS = 300, TEXTS = 40 };

struct random_model {
	char token[TOKENS][64];
	size_t n;
	struct {
		const char *left, *right;
	} merge[4 * TOKENS];
	size_t merges;
};

static uint64_t state = 7;

static unsigned
dice(unsigned sides)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (unsigned)(state >> 33) % sides;
}

static const char *
find(const struct random_model *r, const char *s)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->token[i], s) == 0)
			return r->token[i];
	return NULL;
}

/* All ways, or one, to make a token of two others. */
static void
add_merges(struct random_model *r, const char *whole, bool all)
{
	size_t n = strlen(whole);

	for (size_t at = 1; at < n; at++) {
		char left[64], right[64];

		snprintf(left, sizeof(left), "%.*s", (int)at, whole);
		snprintf(right, sizeof(right), "%s", whole + at);
		if (find(r, left) == NULL || find(r, right) == NULL ||
		    (!all && dice(3) > 0))
			continue;
		r->merge[r->merges].left = find(r, left);
		r->merge[r->merges++].right = find(r, right);
		if (!all || r->merges == 4 * TOKENS)
			return;
	}
}

static void
make_model(struct random_model *r)
{
	static const char letters[] = "abc.";
	bool all = dice(2) == 0;
	unsigned swaps = dice(3) * 4;

	memset(r, 0, sizeof(*r));
	for (; letters[r->n] != '\0'; r->n++)
		r->token[r->n][0] = letters[r->n];
	while (r->n < TOKENS) {
		char *to = r->token[r->n];
		char made[64];

		snprintf(made, sizeof(made), "%.31s%.31s",
		    r->token[dice((unsigned)r->n)],
		    r->token[dice((unsigned)r->n)]);
		if (strlen(made) > 12 || find(r, made) != NULL)
			continue;
		strcpy(to, made);
		r->n++;
		add_merges(r, to, all);
		if (r->merges > 4 * TOKENS - 16)
			break;
	}
	for (; swaps > 0 && r->merges > 0; swaps--) {
		unsigned i = dice((unsigned)r->merges);
		unsigned k = dice((unsigned)r->merges);
		const char *left = r->merge[i].left;
		const char *right = r->merge[i].right;

		r->merge[i] = r->merge[k];
		r->merge[k].left = left;
		r->merge[k].right = right;
	}
}

/* The other bytes, as GPT-2 writes them; id is what comes next. */
static void
add_bytes(struct tk_buf *b, unsigned *id)
{
	unsigned next = 0x100;

	for (unsigned c = 0; c < 256; c++) {
		bool itself = (c >= 0x21 && c <= 0x7e) ||
		    (c >= 0xa1 && c <= 0xac) || c >= 0xae;
		unsigned cp = itself ? c : next++;

		if (c != 0 && strchr("abc.", (int)c) != NULL)
			continue;
		tk_buf_addf(b, ",\"\\u%04x\":%u", cp, (*id)++);
	}
}

static void
add_added(struct tk_buf *b, unsigned *id, const char *text, bool special,
    bool normalized, bool lstrip)
{
	if (b->s[b->len - 1] == '}')
		tk_buf_adds(b, ",");
	tk_buf_addf(b,
	    "{\"id\":%u,\"content\":\"%s\",\"special\":%s,\"normalized\":%s,"
	    "\"lstrip\":%s,\"rstrip\":false,\"single_word\":false}",
	    (*id)++, text, special ? "true" : "false",
	    normalized ? "true" : "false", lstrip ? "true" : "false");
}

/* slow: with an added token that no text has, and that src/count does not
 * know. */
static void
write_json(const struct random_model *r, unsigned kind, bool slow,
    struct tk_buf *b)
{
	unsigned id = (unsigned)r->n;

	tk_buf_reset(b);
	tk_buf_adds(b, "{\"model\":{\"type\":\"BPE\",\"ignore_merges\":");
	tk_buf_addf(b, "%s,\"vocab\":{", (kind & 1) != 0 ? "true" : "false");
	for (size_t i = 0; i < r->n; i++)
		tk_buf_addf(b, "%s\"%s\":%zu", i > 0 ? "," : "", r->token[i],
		    i);
	add_bytes(b, &id);
	tk_buf_adds(b, "},\"merges\":[");
	for (size_t i = 0; i < r->merges; i++)
		tk_buf_addf(b, "%s\"%s %s\"", i > 0 ? "," : "",
		    r->merge[i].left, r->merge[i].right);
	tk_buf_adds(b, "]},\"added_tokens\":[");
	if ((kind & 2) != 0)
		add_added(b, &id, "<s>", true, false, false);
	if ((kind & 4) != 0)
		add_added(b, &id, "<t", false, false, false);
	if ((kind & 8) != 0)
		add_added(b, &id, "aa<", false, true, false);
	if ((kind & 16) != 0)
		add_added(b, &id, "bb", true, (kind & 32) != 0, false);
	if (slow)
		add_added(b, &id, "never", true, false, true);
	tk_buf_addf(b, "],\"normalizer\":%s,",
	    (kind & 32) != 0 ? "{\"type\":\"NFC\"}" : "null");
	tk_buf_adds(b,
	    "\"pre_tokenizer\":{\"type\":\"ByteLevel\","
	    "\"add_prefix_space\":false,\"use_regex\":true}}");
}

static void
collect(const uint32_t *ids, size_t n, void *to)
{
	tk_buf_add(to, ids, n * sizeof(*ids));
}

static bool
ids_of(const struct count_encoding *e, enum count_flags flags, const char *text,
    struct tk_buf *ids)
{
	struct count_stream *s = count_stream_new(e, flags);
	struct tk_err err = TK_ERR_INIT;
	int64_t tokens, plain = -1;
	bool good;

	tk_buf_reset(ids);
	count_text(s, text, strlen(text), &plain, &err);
	count_stream_on_ids(s, collect, ids);
	good = count_text(s, text, strlen(text), &tokens, &err) == 0 &&
	    tokens == plain && (size_t)tokens == ids->len / sizeof(uint32_t);
	count_stream_free(s);
	return good;
}

static void
random_text(struct tk_buf *b)
{
	static const char *const parts[] = { "a", "b", "c", ".", "a", "b", "aa",
		"<s>", "<t", "aa<", "bb", " ", "\n", "e\xcc\x81", "7", "<" };

	tk_buf_reset(b);
	for (unsigned n = dice(30); n > 0; n--)
		tk_buf_adds(b, parts[dice(16)]);
}

/* Only what src/count does itself may be cut for threads. */
static void
try_model(unsigned kind, size_t *differ, size_t *ran)
{
	struct random_model r;
	struct count_encoding *fast = NULL, *slow = NULL;
	struct tk_buf json = TK_BUF_INIT, text = TK_BUF_INIT;
	struct tk_buf a = TK_BUF_INIT, b = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;

	make_model(&r);
	write_json(&r, kind, false, &json);
	tokenizer_open_bytes(&fast, "fast", json.s, json.len, NULL, &err);
	write_json(&r, kind, true, &json);
	tokenizer_open_bytes(&slow, "slow", json.s, json.len, NULL, &err);
	if (fast == NULL || slow == NULL || count_can_cut(slow, 0) ||
	    (kind < 4 && !count_can_cut(fast, 0))) {
		printf("# kind %u: %s\n", kind, err.msg);
		++*differ;
	}
	for (int i = 0; i < TEXTS && fast != NULL && slow != NULL; i++) {
		enum count_flags flags = i % 2 != 0 ? COUNT_SPECIAL : 0;

		random_text(&text);
		++*ran;
		if (!ids_of(fast, flags, text.s, &a) ||
		    !ids_of(slow, flags, text.s, &b) || a.len != b.len ||
		    memcmp(a.s, b.s, a.len) != 0) {
			if (++*differ <= 3)
				printf("# kind %u: '%s'\n", kind, text.s);
		}
	}
	count_close(fast);
	count_close(slow);
	tk_buf_release(&json);
	tk_buf_release(&text);
	tk_buf_release(&a);
	tk_buf_release(&b);
}

int
main(void)
{
	size_t differ = 0, ran = 0;

	for (unsigned i = 0; i < MODELS; i++)
		try_model(i % 64, &differ, &ran);
	CHECK(ran == MODELS * TEXTS);
	CHECK(differ == 0);
	return tap_done();
}
