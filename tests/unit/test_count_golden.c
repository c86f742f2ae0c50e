/*
 * Every golden case: text in, ids and their number out, with every engine.
 * The files have one JSON object a line; see tests/data/count/README.md.
 */
#include <jansson.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/buf.h"
#include "count/count.h"
#include "tap.h"

#define FOLDER "tests/data/count"

static const char *const engines[] = { "plain", "avx2", "neon", NULL };

/* Which encoding each file is for, and how its results were made. */
enum golden_flags {
	AS_TEXT = 1 << 0,    /* ids: special tokens are text */
	AS_SPECIAL = 1 << 1, /* ids, or ids_special: they are tokens */
};

static const struct golden {
	const char *file, *encoding;
	enum golden_flags flags;
} files[] = {
	{ "o200k_base", "o200k_base", AS_TEXT | AS_SPECIAL },
	{ "o200k_harmony", "o200k_harmony", AS_TEXT | AS_SPECIAL },
	/* Its reference always takes special tokens for what they are. */
	{ "gptoss_hf", "o200k_harmony", AS_SPECIAL },
	{ "cl100k_base", "cl100k_base", AS_TEXT | AS_SPECIAL },
	{ "p50k_base", "p50k_base", AS_TEXT | AS_SPECIAL },
	/* It differs in special tokens alone. */
	{ "p50k_base", "p50k_edit", AS_TEXT },
	{ "r50k_base", "r50k_base", AS_TEXT | AS_SPECIAL },
	{ "claude_legacy", "claude_legacy", AS_TEXT | AS_SPECIAL },
	{ "qwen3", "qwen3", AS_TEXT | AS_SPECIAL },
	{ "deepseek_v3", "deepseek_v3", AS_TEXT | AS_SPECIAL },
	{ "mistral_tekken", "mistral_tekken", AS_TEXT | AS_SPECIAL },
};

struct ids {
	uint32_t *v;
	size_t n, cap;
};

static void
collect(const uint32_t *ids, size_t n, void *data)
{
	struct ids *to = data;

	if (to->n + n > to->cap) {
		to->cap = 2 * (to->n + n);
		to->v = realloc(to->v, to->cap * sizeof(*to->v));
	}
	memcpy(to->v + to->n, ids, n * sizeof(*ids));
	to->n += n;
}

static int
base64_value(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? (int)(p - digits) : -1;
}

static void
from_base64(const char *s, struct tk_buf *out)
{
	uint32_t bits = 0;
	int n = 0, value;

	for (; (value = base64_value(*s)) >= 0; s++) {
		bits = bits << 6 | (uint32_t)value;
		if ((n += 6) >= 8) {
			char byte = (char)(bits >> (n -= 8));

			tk_buf_add(out, &byte, 1);
		}
	}
}

static void
input_of(const json_t *rec, struct tk_buf *out)
{
	const json_t *text = json_object_get(rec, "text");

	tk_buf_reset(out);
	if (text != NULL)
		tk_buf_add(out, json_string_value(text),
		    json_string_length(text));
	else
		from_base64(json_string_value(json_object_get(rec, "b64")),
		    out);
}

static bool
same_ids(const struct ids *got, const json_t *want)
{
	if (got->n != json_array_size(want))
		return false;
	for (size_t i = 0; i < got->n; i++)
		if (got->v[i] != json_integer_value(json_array_get(want, i)))
			return false;
	return true;
}

/* Count alone, then with ids, whole and byte by byte. */
static bool
agrees(struct count_stream *s, const struct tk_buf *in, const json_t *ids,
    int64_t n)
{
	struct tk_err err = TK_ERR_INIT;
	struct ids got = { NULL, 0, 0 };
	int64_t whole, listed, bytewise;
	bool ok;

	count_text(s, in->s, in->len, &whole, &err);
	count_stream_on_ids(s, collect, &got);
	count_text(s, in->s, in->len, &listed, &err);
	ok = whole == n && listed == n && same_ids(&got, ids);
	got.n = 0;
	for (size_t i = 0; i < in->len && in->len < 400; i++)
		count_stream_add(s, in->s + i, 1, &err);
	count_stream_end(s, &bytewise, &err);
	if (in->len < 400)
		ok = ok && bytewise == n && same_ids(&got, ids);
	count_stream_on_ids(s, NULL, NULL);
	free(got.v);
	return ok;
}

static bool
check_case(const json_t *rec, enum golden_flags flags,
    struct count_stream *plain, struct count_stream *special)
{
	const json_t *n = json_object_get(rec, "n");
	const json_t *ids = json_object_get(rec, "ids");
	struct tk_buf in = TK_BUF_INIT;
	bool ok;

	input_of(rec, &in);
	ok = (flags & AS_TEXT) == 0 ||
	    agrees(plain, &in, ids, json_integer_value(n));
	if (json_object_get(rec, "n_special") != NULL) {
		n = json_object_get(rec, "n_special");
		ids = json_object_get(rec, "ids_special");
	}
	ok = ok &&
	    ((flags & AS_SPECIAL) == 0 ||
		agrees(special, &in, ids, json_integer_value(n)));
	tk_buf_release(&in);
	return ok;
}

static void
check_file(const struct golden *g)
{
	struct tk_err err = TK_ERR_INIT;
	struct count_encoding *e;
	struct count_stream *plain, *special;
	char command[256], *line = NULL;
	size_t cap = 0;
	int good = 0, bad = 0;
	FILE *in;

	snprintf(command, sizeof(command), "xz -dc " FOLDER "/%s.jsonl.xz",
	    g->file);
	/* It may have been left out of this program. */
	if (count_open(&e, g->encoding, &err) < 0) {
		printf("# %s\n", err.msg);
		return;
	}
	in = popen(command, "r");
	plain = count_stream_new(e, 0);
	special = count_stream_new(e, COUNT_SPECIAL);
	while (in != NULL && getline(&line, &cap, in) > 0) {
		json_t *rec = json_loads(line, JSON_ALLOW_NUL, NULL);
		bool ok =
		    rec != NULL && check_case(rec, g->flags, plain, special);

		good += ok;
		bad += !ok;
		if (!ok && bad < 10)
			printf("# %s\n",
			    json_string_value(json_object_get(rec, "id")));
		json_decref(rec);
	}
	printf("# %s, %s: %d cases\n", g->file, g->encoding, good);
	CHECK(bad == 0 && good > 1000);
	free(line);
	count_stream_free(plain);
	count_stream_free(special);
	count_close(e);
	CHECK(in != NULL && pclose(in) == 0);
}

int
main(void)
{
	for (int i = 0; engines[i] != NULL; i++) {
		if (!count_use_engine(engines[i]))
			continue;
		printf("# engine %s\n", engines[i]);
		for (size_t j = 0; j < TK_LEN(files); j++)
			check_file(&files[j]);
	}
	return tap_done();
}
