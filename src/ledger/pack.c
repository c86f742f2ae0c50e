#include "ledger/pack.h"

#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "ledger/pack_fields.h"

#define NAME(field) \
	{ \
		.key = #field, .offset = offsetof(struct usage_record, field) \
	}

const struct pack_name pack_names[NAME_KINDS] = {
	[NAME_USER] = NAME(user),
	[NAME_APPLICATION] = NAME(application),
	[NAME_MODEL] = NAME(model),
	[NAME_PROVIDER] = NAME(provider),
	[NAME_SESSION] = NAME(session),
	[NAME_PROJECT] = NAME(project),
	[NAME_AGENT] = NAME(agent),
	[NAME_ENDPOINT] = NAME(endpoint),
	[NAME_SOURCE] = NAME(source),
	[NAME_ERROR] = NAME(error),
	[NAME_MACHINE] = NAME(machine),
	[NAME_KEY] = NAME(key),
};

#define INT(field, value) \
	{ \
		PACK_INT, offsetof(struct usage_record, field), (value) \
	}
#define TEXT(field) \
	{ \
		PACK_TEXT, offsetof(struct usage_record, field), 0 \
	}
#define ID(kind) \
	{ \
		PACK_NAME, (kind), 0 \
	}

/* The first seven fit the first byte of the mask, and so on. */
const struct pack_field pack_fields[PACK_FIELDS] = {
	INT(time, RECORD_UNKNOWN),
	ID(NAME_USER),
	ID(NAME_APPLICATION),
	ID(NAME_MODEL),
	INT(input_tokens, 0),
	INT(output_tokens, 0),
	INT(cost, RECORD_UNKNOWN),
	TEXT(request_id),
	ID(NAME_SOURCE),
	ID(NAME_SESSION),
	INT(cache_read_tokens, 0),
	INT(cache_write_5m_tokens, 0),
	INT(cache_write_1h_tokens, 0),
	INT(cost_origin, COST_PRICED), /* unknown: there is no cost */
	ID(NAME_PROVIDER),
	ID(NAME_PROJECT),
	INT(reasoning_tokens, 0),
	INT(unsplit_tokens, 0),
	INT(cache_write_other_tokens, 0),
	INT(latency_ms, RECORD_UNKNOWN),
	ID(NAME_AGENT),
	INT(first_token_ms, RECORD_UNKNOWN),
	ID(NAME_ENDPOINT),
	ID(NAME_ERROR),
	INT(tier, TIER_STANDARD),
	TEXT(metadata),
	INT(requests, 1),
	INT(reverses, 0),
	INT(priority, 0),
	INT(estimated_input_tokens, RECORD_UNKNOWN),
	INT(web_searches, 0),
	TEXT(tools),
	ID(NAME_MACHINE),
	ID(NAME_KEY),
};

int
pack_name_kind(const char *key)
{
	for (int i = 0; i < NAME_KINDS; i++)
		if (strcmp(pack_names[i].key, key) == 0)
			return i;
	return -1;
}

void
pack_varint(struct tk_buf *b, uint64_t n)
{
	unsigned char bytes[10];
	size_t len = 0;

	while (n >= 0x80) {
		bytes[len++] = (unsigned char)(n | 0x80);
		n >>= 7;
	}
	bytes[len++] = (unsigned char)n;
	tk_buf_add(b, bytes, len);
}

bool
pack_read_varint_slowly(const uint8_t **p, const uint8_t *end, uint64_t *n)
{
	const uint8_t *s = *p;
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64 && s < end; shift += 7) {
		uint8_t byte = *s++;

		if (shift == 63 && byte > 1)
			return false;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*p = s;
			*n = value;
			return true;
		}
	}
	return false;
}

static inline int64_t
int_at(const struct usage_record *r, size_t offset)
{
	return *(const int64_t *)(const void *)((const char *)r + offset);
}

static inline const char *
text_at(const struct usage_record *r, size_t offset)
{
	return *(const char *const *)(const void *)((const char *)r + offset);
}

static bool
is_there(const struct pack_field *f, const struct usage_record *r,
    const uint32_t *name)
{
	switch (f->type) {
	case PACK_INT:
		return int_at(r, f->at) != f->usually;
	case PACK_NAME:
		return name[f->at] != 0;
	case PACK_TEXT:
		return text_at(r, f->at) != NULL;
	}
	return false;
}

void
pack_record(struct tk_buf *b, const struct usage_record *r,
    const uint32_t name[NAME_KINDS])
{
	uint64_t mask = 0;

	for (size_t i = 0; i < PACK_FIELDS; i++)
		if (is_there(&pack_fields[i], r, name))
			mask |= UINT64_C(1) << i;
	pack_varint(b, mask);
	for (; mask != 0; mask &= mask - 1) {
		const struct pack_field *f =
		    &pack_fields[__builtin_ctzll(mask)];
		const char *text;
		size_t len;

		switch (f->type) {
		case PACK_INT:
			pack_varint(b, pack_zigzag(int_at(r, f->at)));
			break;
		case PACK_NAME:
			pack_varint(b, name[f->at]);
			break;
		case PACK_TEXT:
			text = text_at(r, f->at);
			len = strlen(text);
			pack_varint(b, len);
			tk_buf_add(b, text, len + 1);
			break;
		}
	}
}

int
pack_field_of(size_t offset)
{
	int i = 0;

	while (pack_fields[i].type == PACK_NAME || pack_fields[i].at != offset)
		i++;
	return i;
}

int
pack_field_of_name(enum name_kind kind)
{
	int i = 0;

	while (pack_fields[i].type != PACK_NAME || pack_fields[i].at != kind)
		i++;
	return i;
}

static bool
read_text(const uint8_t **p, const uint8_t *end, const char **text)
{
	uint64_t len;

	if (!pack_read_varint(p, end, &len) || len >= (size_t)(end - *p) ||
	    (*p)[len] != '\0')
		return false;
	*text = (const char *)*p;
	*p += len + 1;
	return true;
}

/* What is there, into v; the rest of v stays. */
static bool
read_fields(const uint8_t **p, const uint8_t *end, uint64_t mask,
    struct packed_record *v)
{
	uint64_t n;

	for (; mask != 0; mask &= mask - 1) {
		const struct pack_field *f =
		    &pack_fields[__builtin_ctzll(mask)];
		void *at = (char *)&v->r + f->at;

		if (f->type == PACK_TEXT) {
			if (!read_text(p, end, at))
				return false;
			continue;
		}
		if (!pack_read_varint(p, end, &n))
			return false;
		if (f->type == PACK_INT) {
			*(int64_t *)at = pack_unzigzag(n);
		} else {
			if (n == 0 || n > UINT32_MAX)
				return false;
			v->name[f->at] = (uint32_t)n;
		}
	}
	return true;
}

/* These fields are not there any more. */
static void
unset_fields(uint64_t mask, struct packed_record *v)
{
	for (; mask != 0; mask &= mask - 1) {
		const struct pack_field *f =
		    &pack_fields[__builtin_ctzll(mask)];
		void *at = (char *)&v->r + f->at;

		switch (f->type) {
		case PACK_INT:
			*(int64_t *)at = f->usually;
			break;
		case PACK_NAME:
			v->name[f->at] = 0;
			break;
		case PACK_TEXT:
			*(const char **)at = NULL;
			break;
		}
	}
}

bool
pack_read_next(const uint8_t **p, const uint8_t *end, struct packed_record *v,
    uint64_t *mask)
{
	static const struct packed_record nothing = {
		.r = {
			.time = RECORD_UNKNOWN,
			.estimated_input_tokens = RECORD_UNKNOWN,
			.cost = RECORD_UNKNOWN,
			.cost_origin = COST_PRICED,
			.latency_ms = RECORD_UNKNOWN,
			.first_token_ms = RECORD_UNKNOWN,
			.requests = 1,
		},
	};
	uint64_t before = *mask;

	*mask = 0;
	if (!pack_read_varint(p, end, mask) || *mask >> PACK_FIELDS != 0)
		return false;
	if (before == 0)
		*v = nothing;
	else
		unset_fields(before & ~*mask, v);
	if (!read_fields(p, end, *mask, v))
		return false;
	if (v->r.cost == RECORD_UNKNOWN) {
		v->r.cost_origin = COST_UNKNOWN;
		*mask = 0;
	}
	return true;
}

bool
pack_read(const uint8_t **p, const uint8_t *end, struct packed_record *v)
{
	uint64_t mask = 0;

	return pack_read_next(p, end, v, &mask);
}

void
pack_peek_init(struct pack_peek *k, uint32_t kinds)
{
	*k = (struct pack_peek){ .fields = 1 }; /* the time */

	/* Texts are not varints: they are read to get behind them. */
	for (size_t i = 0; i < PACK_FIELDS; i++)
		if (pack_fields[i].type == PACK_TEXT ||
		    (pack_fields[i].type == PACK_NAME &&
			(kinds & 1u << pack_fields[i].at)))
			k->fields |= UINT64_C(1) << i;
}

/* A varint ends in the first byte whose top bit is clear: count those. */
static inline bool
skip_varints(const uint8_t **p, const uint8_t *end, unsigned n)
{
	const uint64_t tops = UINT64_C(0x8080808080808080);
	const uint64_t ones = UINT64_C(0x0101010101010101);

	while (n > 0 && end - *p >= 8) {
		uint64_t x, last;
		unsigned ends;

		memcpy(&x, *p, 8);
		last = ~le64toh(x) & tops;
		ends = (unsigned)((last >> 7) * ones >> 56);
		if (ends < n) {
			n -= ends;
			*p += 8;
			continue;
		}
		while (--n > 0)
			last &= last - 1;
		*p += (__builtin_ctzll(last) + 1) / 8;
	}
	while (n > 0) {
		if (*p == end)
			return false;
		n -= *(*p)++ < 0x80;
	}
	return true;
}

/* What to do with the fields of a mask: neighbours mostly have the same. */
static void
make_plan(struct pack_peek *k, uint64_t mask)
{
	unsigned skip = 0;

	k->mask = mask;
	k->steps = 0;
	for (uint64_t left = mask; left != 0; left &= left - 1) {
		int i = __builtin_ctzll(left);

		if (!(k->fields >> i & 1)) {
			skip++;
			continue;
		}
		k->step[k->steps].skip = (uint8_t)skip;
		k->step[k->steps++].field = (uint8_t)i;
		skip = 0;
	}
	k->last_skip = skip;
}

bool
pack_peek(const uint8_t **p, const uint8_t *end, struct pack_peek *k)
{
	uint64_t mask, n;

	if (!pack_read_varint(p, end, &mask) || mask >> PACK_FIELDS != 0)
		return false;
	if (mask != k->mask || mask == 0) {
		k->time = RECORD_UNKNOWN;
		memset(k->name, 0, sizeof(k->name));
		make_plan(k, mask);
	}
	for (unsigned i = 0; i < k->steps; i++) {
		const struct pack_field *f = &pack_fields[k->step[i].field];
		const char *text;

		if (!skip_varints(p, end, k->step[i].skip))
			return false;
		if (f->type == PACK_TEXT) {
			if (!read_text(p, end, &text))
				return false;
			continue;
		}
		if (!pack_read_varint(p, end, &n))
			return false;
		if (f->type == PACK_NAME)
			k->name[f->at] = (uint32_t)n;
		else
			k->time = pack_unzigzag(n);
	}
	return skip_varints(p, end, k->last_skip);
}
