/*
 * Small tokenizers of every kind, and what the reference implementations
 * make of texts: tests/data/tokenizer/make-cases.py, or a file of its form
 * as the argument.
 */
#include <jansson.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tap.h"
#include "tokenizer/tokenizer.h"

#define CASES "tests/data/tokenizer/cases.jsonl.xz"

/* A tokenizer, and what went wrong with it. */
struct subject {
	char name[64];
	struct count_encoding *e;
	struct count_stream *ids, *plain;
	struct tk_buf got;
	size_t cases, bad_ids, bad_count, bad_parts;
};

static size_t tokenizers;

static void
collect(const uint32_t *ids, size_t n, void *to)
{
	tk_buf_add(to, ids, n * sizeof(*ids));
}

static void
finish(struct subject *s)
{
	if (s->e == NULL)
		return;
	if (s->bad_ids + s->bad_count + s->bad_parts > 0)
		printf("# %s: %zu of %zu\n", s->name,
		    s->bad_ids + s->bad_count + s->bad_parts, s->cases);
	CHECK(s->cases > 0);
	CHECK(s->bad_ids == 0);   /* as of the reference */
	CHECK(s->bad_count == 0); /* counting alone gives as many */
	CHECK(s->bad_parts == 0); /* however the text is divided */
	count_stream_free(s->ids);
	count_stream_free(s->plain);
	count_close(s->e);
	s->e = NULL;
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
begin(struct subject *s, const json_t *rec)
{
	const json_t *model = json_object_get(rec, "model");
	struct tk_buf file = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	enum count_flags flags = COUNT_SPECIAL;

	finish(s);
	*s = (struct subject){ .got = s->got };
	snprintf(s->name, sizeof(s->name), "%s",
	    json_string_value(json_object_get(rec, "name")));
	if (model != NULL) {
		from_base64(json_string_value(model), &file);
		flags = 0;
	} else {
		char *text = json_dumps(json_object_get(rec, "tokenizer"), 0);

		tk_buf_adds(&file, text);
		free(text);
	}
	if (tokenizer_open_bytes(&s->e, s->name, file.s, file.len, NULL, &err) <
	    0)
		printf("# %s: %s\n", s->name, err.msg);
	CHECK(s->e != NULL);
	tk_buf_release(&file);
	if (s->e == NULL)
		return;
	tokenizers++;
	s->ids = count_stream_new(s->e, flags);
	s->plain = count_stream_new(s->e, flags);
	count_stream_on_ids(s->ids, collect, &s->got);
}

static bool
same_ids(const struct tk_buf *got, const json_t *want)
{
	const uint32_t *ids = (const uint32_t *)(const void *)got->s;

	if (got->len / sizeof(*ids) != json_array_size(want))
		return false;
	for (size_t i = 0; i < json_array_size(want); i++)
		if (ids[i] != json_integer_value(json_array_get(want, i)))
			return false;
	return true;
}

/* In parts that grow: 1, 2, 3, ... bytes, which cut characters, too. */
static bool
in_parts(struct subject *s, const char *p, size_t n, const json_t *want)
{
	struct tk_err err = TK_ERR_INIT;
	int64_t tokens;

	tk_buf_reset(&s->got);
	for (size_t k = 1; n > 0; k++) {
		size_t part = k < n ? k : n;

		if (count_stream_add(s->ids, p, part, &err) < 0)
			return false;
		p += part;
		n -= part;
	}
	return count_stream_end(s->ids, &tokens, &err) == 0 &&
	    same_ids(&s->got, want);
}

static void
try_case(struct subject *s, const json_t *rec)
{
	const json_t *text = json_object_get(rec, "text");
	const json_t *want = json_object_get(rec, "ids");
	struct tk_err err = TK_ERR_INIT;
	const char *p = json_string_value(text);
	size_t n = json_string_length(text);
	int64_t tokens;

	if (s->e == NULL)
		return;
	s->cases++;
	tk_buf_reset(&s->got);
	if (count_text(s->ids, p, n, &tokens, &err) < 0 ||
	    !same_ids(&s->got, want)) {
		if (s->bad_ids++ < 3)
			printf("# %s: '%s'\n", s->name, p);
	}
	if (count_text(s->plain, p, n, &tokens, &err) < 0 ||
	    (size_t)tokens != json_array_size(want))
		s->bad_count++;
	s->bad_parts += !in_parts(s, p, n, want);
}

int
main(int argc, char **argv)
{
	struct subject s = { .got = TK_BUF_INIT };
	struct tk_buf command = TK_BUF_INIT;
	FILE *f;

	tk_buf_addf(&command, "xz -dcf %s", argc > 1 ? argv[1] : CASES);
	f = popen(command.s, "r");
	for (json_t *rec; f != NULL &&
	     (rec = json_loadf(f, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL,
		  NULL)) != NULL;
	     json_decref(rec)) {
		if (json_object_get(rec, "name") != NULL)
			begin(&s, rec);
		else
			try_case(&s, rec);
	}
	finish(&s);
	CHECK(f != NULL && pclose(f) == 0);
	CHECK(argc > 1 || tokenizers == 54);
	tk_buf_release(&s.got);
	tk_buf_release(&command);
	return tap_done();
}
