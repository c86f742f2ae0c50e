/*
 * SentencePiece's .model files: a message of Protocol Buffers (ModelProto of
 * sentencepiece_model.proto), of which the pieces, the normalizer and some
 * of the trainer's settings matter.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "tokenizer/flow.h"
#include "tokenizer/read.h"

struct bytes {
	const uint8_t *p, *end;
};

/* A field of a message: a number, or bytes. */
struct field {
	uint64_t number;
	uint64_t value;
	struct bytes bytes;
};

static bool
read_varint(struct bytes *b, uint64_t *v)
{
	*v = 0;
	for (unsigned shift = 0; shift < 64 && b->p < b->end; shift += 7) {
		uint8_t c = *b->p++;

		*v |= (uint64_t)(c & 127) << shift;
		if (c < 128)
			return true;
	}
	return false;
}

static bool
take(struct bytes *b, uint64_t n, struct bytes *to)
{
	if (n > (uint64_t)(b->end - b->p))
		return false;
	*to = (struct bytes){ b->p, b->p + n };
	b->p += n;
	return true;
}

/* The next field: 1, 0 at the end, -1 when the bytes are no message. */
static int
next_field(struct bytes *b, struct field *f)
{
	uint64_t key, n;

	memset(f, 0, sizeof(*f));
	if (b->p == b->end)
		return 0;
	if (!read_varint(b, &key) || key >> 3 == 0)
		return -1;
	f->number = key >> 3;
	switch (key & 7) {
	case 0:
		return read_varint(b, &f->value) ? 1 : -1;
	case 1:
		return take(b, 8, &f->bytes) ? 1 : -1;
	case 2:
		return read_varint(b, &n) && take(b, n, &f->bytes) ? 1 : -1;
	case 5:
		return take(b, 4, &f->bytes) ? 1 : -1;
	}
	return -1;
}

/* What of the file is kept until all of it was read. */
struct spm {
	struct model *m;
	uint64_t model_type; /* 1 unigram, 2 BPE, 3 word, 4 char */
	bool byte_fallback, suffix;
	bool dummy_prefix, few_spaces, escape;
	struct bytes charsmap;
	uint32_t next_id;
	struct tk_buf text;
};

enum {
	PIECE_NORMAL = 1,
	PIECE_UNKNOWN,
	PIECE_CONTROL,
	PIECE_USER,
	PIECE_UNUSED,
	PIECE_BYTE
};

static int
no_message(struct tk_err *err)
{
	return tk_fail(err, TK_DATA,
	    "not a tokenizer.json, .tiktoken or SentencePiece file");
}

static int
put_byte(struct spm *s, uint32_t id, const struct bytes *text,
    struct tk_err *err)
{
	size_t n = (size_t)(text->end - text->p);
	int byte = model_byte_named(text->p, n);

	if (byte < 0)
		return tk_fail(err, TK_DATA, "piece %u names no byte", id);
	s->m->byte_token[byte] = id;
	return 0;
}

static int
put_piece(struct spm *s, const struct bytes *text, float score, uint64_t type,
    struct tk_err *err)
{
	uint32_t id = s->next_id++;
	size_t n = (size_t)(text->end - text->p);
	enum model_token_type t = TOKEN_RESERVED;

	if (n == 0 || !tk_utf8_valid((const char *)text->p, n))
		return tk_fail(err, TK_DATA, "piece %u is empty or not UTF-8",
		    id);
	switch (type) {
	case PIECE_NORMAL:
		t = TOKEN_NORMAL;
		break;
	case PIECE_USER:
		t = TOKEN_USER;
		break;
	case PIECE_UNUSED:
		t = TOKEN_UNUSED;
		break;
	case PIECE_UNKNOWN:
		if (s->m->unknown != MODEL_NONE)
			return tk_fail(err, TK_DATA,
			    "two pieces are the unknown one");
		s->m->unknown = id;
		break;
	case PIECE_CONTROL:
		break;
	case PIECE_BYTE:
		if (put_byte(s, id, text, err) < 0)
			return -1;
		break;
	default:
		return tk_fail(err, TK_DATA, "piece %u is of no known type",
		    id);
	}
	if (t == TOKEN_RESERVED && n == model_char_len(*text->p))
		return tk_fail(err, TK_DATA,
		    "a control piece of one character is not supported");
	return model_add_token(s->m, id, text->p, n, t, (double)score, err);
}

static int
read_piece(struct spm *s, struct bytes b, struct tk_err *err)
{
	struct bytes text = { b.p, b.p };
	uint64_t type = PIECE_NORMAL;
	struct field f;
	float score = 0;
	int more;

	while ((more = next_field(&b, &f)) > 0) {
		if (f.number == 1)
			text = f.bytes;
		else if (f.number == 2 && f.bytes.end - f.bytes.p == 4)
			memcpy(&score, f.bytes.p, 4);
		else if (f.number == 3)
			type = f.value;
	}
	/* Sums of what is no number compare with nothing. */
	if (more < 0 || !(score - score == 0))
		return no_message(err);
	return put_piece(s, &text, score, type, err);
}

static int
read_trainer(struct spm *s, struct bytes b, struct tk_err *err)
{
	struct field f;
	int more;

	while ((more = next_field(&b, &f)) > 0) {
		if (f.number == 3)
			s->model_type = f.value;
		else if (f.number == 24)
			s->suffix = f.value != 0;
		else if (f.number == 35)
			s->byte_fallback = f.value != 0;
	}
	return more < 0 ? no_message(err) : 0;
}

static int
read_normalizer(struct spm *s, struct bytes b, struct tk_err *err)
{
	struct field f;
	int more;

	while ((more = next_field(&b, &f)) > 0) {
		if (f.number == 2)
			s->charsmap = f.bytes;
		else if (f.number == 3)
			s->dummy_prefix = f.value != 0;
		else if (f.number == 4)
			s->few_spaces = f.value != 0;
		else if (f.number == 5)
			s->escape = f.value != 0;
	}
	return more < 0 ? no_message(err) : 0;
}

/* The pieces of the user's and, to be asked for, those of control. */
static int
add_added(struct spm *s, struct tk_err *err)
{
	struct model *m = s->m;

	for (uint32_t id = 0; id < m->n_id; id++) {
		struct model_token t = m->token[id];
		uint32_t flags =
		    t.type == TOKEN_USER ? ADDED_NORMALIZED : ADDED_SPECIAL;

		if (t.type != TOKEN_USER &&
		    (t.type != TOKEN_RESERVED ||
			model_byte_named(model_bytes(m, t.text), t.text.len) >=
			    0))
			continue;
		tk_buf_reset(&s->text);
		tk_buf_add(&s->text, model_bytes(m, t.text), t.text.len);
		if (model_add_added(m, id, s->text.s, s->text.len, flags, err) <
		    0)
			return -1;
	}
	return 0;
}

static void
add_steps(struct spm *s)
{
	struct model *m = s->m;
	uint32_t prefix = s->suffix ? STEP_DUMMY_SUFFIX : STEP_DUMMY_PREFIX;
	struct model_step *step = model_add_step(m, STEP_CHARSMAP,
	    (s->dummy_prefix ? prefix : 0) |
		(s->few_spaces ? STEP_FEW_SPACES : 0) |
		(s->escape ? STEP_ESCAPE_SPACES : 0));

	if (s->charsmap.p < s->charsmap.end)
		step->a = model_text(m, s->charsmap.p,
		    (size_t)(s->charsmap.end - s->charsmap.p));
	if (m->kind == MODEL_CHARS)
		model_add_step(m, STEP_ADDED, 0);
	m->flags |= MODEL_SPM | (s->escape ? MODEL_SPACES : 0);
	if (s->dummy_prefix)
		m->flags |= s->suffix ? MODEL_DROP_LAST : MODEL_DROP_FIRST;
}

static int
by_score(const void *a_, const void *b_, void *m_)
{
	const struct model *m = m_;
	double a = m->token[*(const uint32_t *)a_].score;
	double b = m->token[*(const uint32_t *)b_].score;

	return a < b ? 1 : a > b ? -1 : 0;
}

/* The same score is the same rank: then the one on the left comes first. */
static int
add_merges(struct spm *s, struct tk_err *err)
{
	struct model *m = s->m;
	uint32_t n = m->n_id;
	uint32_t *order = tk_xcalloc(n + 1, sizeof(*order));
	uint32_t *rank = tk_xcalloc(n + 1, sizeof(*rank));
	int rc = 0;

	for (uint32_t i = 0; i < n && rc == 0; i++) {
		order[i] = i;
		if (m->token[i].type == TOKEN_UNUSED)
			rc = tk_fail(err, TK_DATA,
			    "BPE with unused pieces is not supported");
	}
	qsort_r(order, n, sizeof(*order), by_score, m);
	for (uint32_t i = 1; i < n; i++)
		rank[order[i]] = rank[order[i - 1]] +
		    (m->token[order[i]].score != m->token[order[i - 1]].score);
	if (rc == 0)
		model_add_all_merges(m, rank);
	free(order);
	free(rank);
	return rc;
}

static int
finish(struct spm *s, struct tk_err *err)
{
	struct model *m = s->m;

	if (s->model_type != 1 && s->model_type != 2)
		return tk_fail(err, TK_DATA,
		    "SentencePiece models of words and characters are not "
		    "supported");
	if (m->unknown == MODEL_NONE)
		return tk_fail(err, TK_DATA, "no piece is the unknown one");
	for (int i = 0; s->byte_fallback && i < 256; i++)
		if (m->byte_token[i] == MODEL_NONE)
			return tk_fail(err, TK_DATA,
			    "there is no piece for byte %d", i);
	if (s->byte_fallback)
		m->flags |= MODEL_BYTE_FALLBACK;
	if (charsmap_check(s->charsmap.p,
		(size_t)(s->charsmap.end - s->charsmap.p), err) < 0)
		return -1;
	m->kind = s->model_type == 1 ? MODEL_UNIGRAM : MODEL_CHARS;
	add_steps(s);
	if (add_added(s, err) < 0)
		return -1;
	return m->kind == MODEL_CHARS ? add_merges(s, err) : 0;
}

int
read_spm(struct model *m, const void *bytes, size_t n, struct tk_err *err)
{
	struct bytes b = { bytes, (const uint8_t *)bytes + n };
	struct spm s = { .m = m,
		.model_type = 1,
		.dummy_prefix = true,
		.few_spaces = true,
		.escape = true,
		.text = TK_BUF_INIT };
	struct field f;
	int more, rc = 0;

	s.charsmap.p = s.charsmap.end = bytes;
	m->kind = MODEL_CHARS;
	while (rc == 0 && (more = next_field(&b, &f)) != 0) {
		if (more < 0)
			rc = no_message(err);
		else if (f.number == 1)
			rc = read_piece(&s, f.bytes, err);
		else if (f.number == 2)
			rc = read_trainer(&s, f.bytes, err);
		else if (f.number == 3)
			rc = read_normalizer(&s, f.bytes, err);
	}
	if (rc == 0)
		rc = s.next_id > 0 ? finish(&s, err) : no_message(err);
	tk_buf_release(&s.text);
	return rc;
}
