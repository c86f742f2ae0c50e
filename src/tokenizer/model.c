#include "tokenizer/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	m->text = (struct tk_buf)TK_BUF_INIT;
	m->unknown = MODEL_NONE;
	for (int i = 0; i < 256; i++)
		m->byte_token[i] = MODEL_NONE;
}

void
model_release(struct model *m)
{
	tk_buf_release(&m->text);
	free(m->token);
	free(m->merge);
	free(m->added);
	free(m->step);
	free(m->hash);
	model_init(m);
}

struct model_text
model_text(struct model *m, const void *bytes, size_t n)
{
	struct model_text t = { (uint32_t)m->text.len, (uint32_t)n };

	tk_buf_add(&m->text, bytes, n);
	return t;
}

static uint32_t
hash_of(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;
	uint64_t h = n * UINT64_C(0x9e3779b97f4a7c15), word;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&word, p, 8);
		h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
		h ^= h >> 32;
	}
	word = 0;
	memcpy(&word, p, n);
	h = (h ^ word) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)((h ^ h >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

/* Where the id of those bytes is, or belongs. */
static uint64_t *
hash_slot(const struct model *m, uint32_t hash, const void *bytes, size_t n)
{
	uint32_t i = hash & (m->hash_size - 1);

	for (; m->hash[i] != 0; i = (i + 1) & (m->hash_size - 1)) {
		struct model_text t;

		if (m->hash[i] >> 32 != hash)
			continue;
		t = m->token[(uint32_t)m->hash[i] - 1].text;
		if (t.len == n && memcmp(model_bytes(m, t), bytes, n) == 0)
			break;
	}
	return &m->hash[i];
}

uint32_t
model_find(const struct model *m, const void *bytes, size_t n)
{
	if (m->hash_size == 0)
		return MODEL_NONE;
	return (uint32_t)*hash_slot(m, hash_of(bytes, n), bytes, n) - 1;
}

static void
hash_grow(struct model *m)
{
	uint64_t *old = m->hash;
	uint32_t size = m->hash_size;

	m->hash_size = size > 0 ? 2 * size : 1024;
	m->hash = tk_xcalloc(m->hash_size, sizeof(*m->hash));
	for (uint32_t i = 0; i < size; i++) {
		uint32_t at = (uint32_t)(old[i] >> 32) & (m->hash_size - 1);

		while (old[i] != 0 && m->hash[at] != 0)
			at = (at + 1) & (m->hash_size - 1);
		if (old[i] != 0)
			m->hash[at] = old[i];
	}
	free(old);
}

static void
hash_put(struct model *m, uint32_t id)
{
	struct model_text t = m->token[id].text;
	const uint8_t *p = model_bytes(m, t);
	uint32_t hash = hash_of(p, t.len);

	if (2 * m->hash_used >= m->hash_size)
		hash_grow(m);
	*hash_slot(m, hash, p, t.len) = (uint64_t)hash << 32 | (id + 1);
	m->hash_used++;
}

static void
make_room(struct model *m, uint32_t id)
{
	uint32_t room = m->token_room > 0 ? m->token_room : 1024;

	while (room <= id)
		room *= 2;
	if (room > m->token_room) {
		m->token = tk_xreallocarray(m->token, room, sizeof(*m->token));
		memset(m->token + m->token_room, 0,
		    (room - m->token_room) * sizeof(*m->token));
		m->token_room = room;
	}
	if (id >= m->n_token)
		m->n_token = id + 1;
}

int
model_add_token(struct model *m, uint32_t id, const void *bytes, size_t n,
    enum model_token_type type, double score, struct tk_err *err)
{
	int show = n < 60 ? (int)n : 60;

	if (id >= MODEL_IDS_MAX)
		return tk_fail(err, TK_DATA,
		    "token '%.*s' has id %u, more than can be", show,
		    (const char *)bytes, id);
	/* Of any model that is known the longest has 1,024. */
	if (n > 8192)
		return tk_fail(err, TK_DATA,
		    "a token of %zu bytes is more than can be", n);
	make_room(m, id);
	if (m->token[id].type != TOKEN_ABSENT)
		return tk_fail(err, TK_DATA, "two tokens have id %u", id);
	if (type != TOKEN_RESERVED && model_find(m, bytes, n) != MODEL_NONE)
		return tk_fail(err, TK_DATA, "token '%.*s' is there twice",
		    show, (const char *)bytes);
	m->token[id].text = model_text(m, bytes, n);
	m->token[id].type = type;
	m->token[id].score = score;
	if (type != TOKEN_RESERVED)
		hash_put(m, id);
	m->n_id = m->n_token;
	return 0;
}

/* A symbol for merging that is no token. */
static uint32_t
add_symbol(struct model *m, const void *bytes, size_t n)
{
	uint32_t id = m->n_token;

	make_room(m, id);
	m->token[id].text = model_text(m, bytes, n);
	m->token[id].type = TOKEN_NORMAL;
	hash_put(m, id);
	return id;
}

void
model_add_merge(struct model *m, uint32_t left, uint32_t right, uint32_t rank,
    uint32_t to)
{
	if (m->n_merge == m->merge_room) {
		m->merge_room = m->n_merge > 0 ? 2 * m->n_merge : 1024;
		m->merge = tk_xreallocarray(m->merge, m->merge_room,
		    sizeof(*m->merge));
	}
	m->merge[m->n_merge++] = (struct model_merge){ left, right, rank, to };
}

static unsigned
unit_len(const struct model *m, const uint8_t *p)
{
	return m->kind == MODEL_BYTES ? 1 : model_char_len(*p);
}

/* Bytes and characters that tokens are made of, and that are none. */
static void
add_missing_symbols(struct model *m)
{
	for (uint32_t id = 0; id < m->n_id; id++) {
		struct model_text t = m->token[id].text;

		if (m->token[id].type == TOKEN_RESERVED)
			continue;
		for (uint32_t at = 0; at < t.len;) {
			uint8_t unit[4];
			unsigned n = unit_len(m, model_bytes(m, t) + at);

			/* A copy, as the text may move. */
			memcpy(unit, model_bytes(m, t) + at, n);
			if (model_find(m, unit, n) == MODEL_NONE)
				add_symbol(m, unit, n);
			at += n;
		}
	}
}

void
model_add_all_merges(struct model *m, const uint32_t *rank)
{
	add_missing_symbols(m);
	for (uint32_t id = 0; id < m->n_id; id++) {
		struct model_text t = m->token[id].text;
		const uint8_t *p = model_bytes(m, t);

		if (m->token[id].type == TOKEN_RESERVED || t.len == 0)
			continue;
		for (uint32_t at = unit_len(m, p); at < t.len; at +=
		     unit_len(m, p + at)) {
			uint32_t left = model_find(m, p, at);
			uint32_t right = model_find(m, p + at, t.len - at);

			if (left != MODEL_NONE && right != MODEL_NONE)
				model_add_merge(m, left, right, rank[id], id);
		}
	}
}

struct model_step *
model_add_step(struct model *m, enum model_step_kind kind, uint32_t flags)
{
	struct model_step *s;

	m->step = tk_xreallocarray(m->step, m->n_step + 1, sizeof(*m->step));
	s = &m->step[m->n_step++];
	*s = (struct model_step){ .kind = kind, .flags = flags };
	return s;
}

int
model_add_added(struct model *m, uint32_t id, const void *bytes, size_t n,
    uint32_t flags, struct tk_err *err)
{
	/* The longest of any model that is known has 60. */
	if (n > 4096)
		return tk_fail(err, TK_DATA,
		    "an added token of %zu bytes is more than can be", n);
	if (id >= MODEL_IDS_MAX)
		return tk_fail(err, TK_DATA,
		    "added token '%.60s' has id %u, more than can be",
		    (const char *)bytes, id);
	m->added =
	    tk_xreallocarray(m->added, m->n_added + 1, sizeof(*m->added));
	m->added[m->n_added++] =
	    (struct model_added){ model_text(m, bytes, n), id, flags };
	return 0;
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int
model_byte_named(const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	if (n != 6 || memcmp(p, "<0x", 3) != 0 || p[5] != '>' ||
	    hex_value(p[3]) < 0 || hex_value(p[4]) < 0)
		return -1;
	return hex_value(p[3]) << 4 | hex_value(p[4]);
}
