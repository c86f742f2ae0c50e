/* Records as bytes: what is written is read, and nothing else is. */
#include "ledger/pack.h"

#include <stdlib.h>

#include "base/buf.h"
#include "ledger/columns.h"
#include "ledger/pack_fields.h"
#include "tap.h"

static uint64_t state = 88172645463325252u;

static uint64_t
next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Small, middling and huge numbers, and the last of each kind. */
static int64_t
any_number(void)
{
	static const int64_t edges[] = { 0, 1, -1, 63, 64, -64, -65, 127, 128,
		INT64_MAX, INT64_MIN, INT64_MIN + 1, INT32_MAX };
	uint64_t r = next_random();

	if (r % 4 == 0)
		return edges[r / 4 % (sizeof(edges) / sizeof(*edges))];
	return (int64_t)(next_random() >> r % 64);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_record(const struct usage_record *a, const struct usage_record *b)
{
	for (const struct record_field *f = record_fields; f->key; f++) {
		struct usage_record *ra = (struct usage_record *)(uintptr_t)a;
		struct usage_record *rb = (struct usage_record *)(uintptr_t)b;

		if (f->type == RECORD_NAME)
			continue; /* kept by id */
		if (f->type == RECORD_TEXT || f->type == RECORD_OBJECT) {
			if (!same_text(*record_text(ra, f),
				*record_text(rb, f)))
				return false;
		} else if (*record_int(ra, f) != *record_int(rb, f)) {
			return false;
		}
	}
	return a->requests == b->requests && a->reverses == b->reverses;
}

static void
varints_round_trip_and_end(void)
{
	struct tk_buf b = TK_BUF_INIT;
	bool same = true, cut = true;

	for (int i = 0; i < 20000; i++) {
		uint64_t n = (uint64_t)any_number(), got = 0;
		const uint8_t *p, *end;

		tk_buf_reset(&b);
		pack_varint(&b, n);
		p = (const uint8_t *)b.s;
		end = p + b.len;
		same = same && pack_read_varint(&p, end, &got) && got == n &&
		    p == end;
		p = (const uint8_t *)b.s;
		cut = cut && !pack_read_varint(&p, end - 1, &got);
	}
	CHECK(same);
	CHECK(cut);
	tk_buf_release(&b);
}

static void
varints_of_more_than_64_bits_are_refused(void)
{
	static const uint8_t most[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0x01 };
	static const uint8_t more[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0x02 };
	static const uint8_t longer[] = { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
		0x80, 0x80, 0x80, 0x80, 0x00 };
	const uint8_t *p = most;
	uint64_t n;

	CHECK(pack_read_varint(&p, most + 10, &n) && n == UINT64_MAX);
	p = more;
	CHECK(!pack_read_varint(&p, more + 10, &n));
	p = longer;
	CHECK(!pack_read_varint(&p, longer + 11, &n));
}

static void
zigzag_keeps_every_number(void)
{
	bool same = true;

	for (int i = 0; i < 10000; i++) {
		int64_t n = any_number();

		same = same && pack_unzigzag(pack_zigzag(n)) == n;
	}
	CHECK(same);
	CHECK(pack_zigzag(0) == 0 && pack_zigzag(-1) == 1);
	CHECK(pack_zigzag(1) == 2 && pack_zigzag(INT64_MIN) == UINT64_MAX);
}

static void
fill(struct usage_record *r, uint32_t name[NAME_KINDS])
{
	static const char *const texts[] = { NULL, "", "a", "Bash,Read",
		"{\"k\":[1,2]}", "\xff\xfe \x01" };

	record_init(r);
	for (const struct record_field *f = record_fields; f->key; f++) {
		if (next_random() % 3 == 0)
			continue;
		if (f->type == RECORD_TEXT || f->type == RECORD_OBJECT)
			*record_text(r, f) = texts[next_random() % 6];
		else if (f->type != RECORD_NAME)
			*record_int(r, f) = any_number();
	}
	/* How it is written down: no cost says that there is none. */
	if (r->cost == RECORD_UNKNOWN)
		r->cost_origin = COST_PRICED;
	r->requests = next_random() % 2 ? 1 : -1;
	r->reverses = next_random() % 2 ? 0 : any_number();
	for (int kind = 0; kind < NAME_KINDS; kind++)
		name[kind] = next_random() % 2 ? 0 : (uint32_t)next_random();
}

static void
records_round_trip_one_after_the_other(void)
{
	enum { N = 3000 };
	struct usage_record *r = calloc(N, sizeof(*r));
	uint32_t(*name)[NAME_KINDS] = calloc(N, sizeof(*name));
	struct tk_buf b = TK_BUF_INIT;
	const uint8_t *p, *end;
	bool same = r != NULL && name != NULL;

	for (int i = 0; same && i < N; i++) {
		fill(&r[i], name[i]);
		pack_record(&b, &r[i], name[i]);
	}
	p = (const uint8_t *)b.s;
	end = p + b.len;
	for (int i = 0; same && i < N; i++) {
		struct packed_record v;

		same = pack_read(&p, end, &v);
		if (same && r[i].cost == RECORD_UNKNOWN)
			r[i].cost_origin = COST_UNKNOWN;
		same = same && same_record(&r[i], &v.r) &&
		    memcmp(name[i], v.name, sizeof(v.name)) == 0;
	}
	CHECK(same);
	CHECK(p == end);
	tk_buf_release(&b);
	free(r);
	free(name);
}

/* Times and some names, read alone, are those of the records. */
static void
a_peek_sees_what_is_there(void)
{
	enum { N = 2000 };
	struct tk_buf b = TK_BUF_INIT;
	bool same = true;

	for (int i = 0; i < N; i++) {
		struct usage_record r;
		uint32_t name[NAME_KINDS];

		fill(&r, name);
		/* Often the fields of the record before. */
		for (uint64_t k = 1 + next_random() % 3; k > 0; k--)
			pack_record(&b, &r, name);
	}
	for (int round = 0; round < 50; round++) {
		uint32_t kinds = (uint32_t)next_random() % (1 << NAME_KINDS);
		const uint8_t *p = (const uint8_t *)b.s, *q = p;
		const uint8_t *end = p + b.len;
		struct packed_record v;
		struct pack_peek k;

		pack_peek_init(&k, kinds);
		while (same && pack_read(&q, end, &v)) {
			same = pack_peek(&p, end, &k) && p == q &&
			    k.time == v.r.time;
			for (int n = 0; n < NAME_KINDS; n++)
				if (kinds >> n & 1)
					same &= k.name[n] == v.name[n];
		}
		same = same && p == end;
	}
	CHECK(same);
	tk_buf_release(&b);
}

/* Random records, with runs of the same fields, and long numbers in few. */
static size_t
pack_many(struct tk_buf *b)
{
	enum { N = 1500 };
	size_t packed = 0;

	for (int i = 0; i < N; i++) {
		struct usage_record r;
		uint32_t name[NAME_KINDS];

		fill(&r, name);
		for (const struct record_field *f = record_fields;
		     i % 3 != 0 && f->key != NULL; f++)
			if (f->type != RECORD_TEXT && f->type != RECORD_NAME &&
			    f->type != RECORD_OBJECT)
				*record_int(&r, f) &= 0xffffff;
		for (uint64_t k = 1 + next_random() % 3; k > 0; k--, packed++)
			pack_record(b, &r, name);
	}
	return packed;
}

static bool
same_row(const struct record_columns *c, size_t row,
    const struct packed_record *v)
{
	bool same = true;

	for (int i = 0; i < PACK_FIELDS; i++) {
		const struct pack_field *f = &pack_fields[i];
		const int64_t *n = (const void *)((const char *)&v->r + f->at);

		if (!(c->asked >> i & 1))
			continue;
		same &= c->v[i][row] ==
		    (f->type == PACK_NAME ? v->name[f->at] : *n);
		same &= c->seen >> i & 1 || c->v[i][row] == f->usually;
	}
	return same;
}

/* Any fields, read many at a time, are those of the records. */
static void
columns_have_what_is_there(bool fast)
{
	struct tk_buf b = TK_BUF_INIT;
	size_t packed = pack_many(&b), read = 0;
	bool same = true;

	for (int round = 0; same && round < 12; round++) {
		const uint8_t *p = (const uint8_t *)b.s, *q = p;
		const uint8_t *end = p + b.len;
		uint64_t asked = next_random() & next_random() >> 3;
		struct record_columns *c;
		struct packed_record v;

		for (int i = 0; i < PACK_FIELDS; i++)
			if (pack_fields[i].type == PACK_TEXT)
				asked &= ~(UINT64_C(1) << i);
		asked &= ~PACK_BIT(cost_origin);
		c = columns_new(asked & ((UINT64_C(1) << PACK_FIELDS) - 1));
		c->fast &= fast;
		read = 0;
		while (same && p < end) {
			columns_empty(c);
			same =
			    columns_read(c, &p, end, (int64_t)read) && c->n > 0;
			for (size_t i = 0; same && i < c->n; i++, read++)
				same = pack_read(&q, end, &v) &&
				    c->id[i] == (int64_t)read &&
				    same_row(c, i, &v);
			same = same && p == q;
		}
		columns_free(c);
	}
	CHECK(same);
	CHECK(read == packed);
	tk_buf_release(&b);
}

/* Nothing is behind it in its record: no run of numbers. */
static void
a_text_may_be_the_last(void)
{
	struct record_columns *c = columns_new(PACK_BIT(input_tokens));
	uint32_t name[NAME_KINDS] = { 0 };
	struct tk_buf b = TK_BUF_INIT;
	struct usage_record r;
	const uint8_t *p, *end;
	bool same = true;

	record_init(&r);
	r.time = 1;
	r.metadata = "{}";
	for (r.input_tokens = 1; r.input_tokens <= COLUMNS_ROWS;
	     r.input_tokens++)
		pack_record(&b, &r, name);
	p = (const uint8_t *)b.s;
	end = p + b.len;
	CHECK(columns_read(c, &p, end, 1) && c->n == COLUMNS_ROWS && p == end);
	for (size_t i = 0; i < c->n; i++)
		same &= c->v[PACK_FIELD(input_tokens)][i] == (int64_t)i + 1;
	CHECK(same);
	columns_free(c);
	tk_buf_release(&b);
}

static void
columns_end_where_records_do(void)
{
	struct usage_record r;
	uint32_t name[NAME_KINDS];
	struct tk_buf b = TK_BUF_INIT;
	struct record_columns *c =
	    columns_new(PACK_BIT(time) | PACK_BIT(cost) | PACK_BIT(requests));
	bool refused = true;

	for (int i = 0; i < 100; i++) {
		const uint8_t *p;
		size_t whole;

		fill(&r, name);
		tk_buf_reset(&b);
		pack_record(&b, &r, name);
		whole = b.len;
		pack_record(&b, &r, name);
		for (size_t n = whole + 1; n < b.len; n++) {
			p = (const uint8_t *)b.s;
			columns_empty(c);
			refused = refused && !columns_read(c, &p, p + n, 1) &&
			    c->n == 1 && p == (const uint8_t *)b.s + whole;
		}
	}
	CHECK(refused);
	columns_free(c);
	tk_buf_release(&b);
}

static void
no_part_of_a_record_is_one(void)
{
	struct usage_record r;
	uint32_t name[NAME_KINDS];
	struct tk_buf b = TK_BUF_INIT;
	bool refused = true;

	for (int i = 0; i < 300; i++) {
		fill(&r, name);
		tk_buf_reset(&b);
		pack_record(&b, &r, name);
		for (size_t n = 0; n < b.len; n++) {
			const uint8_t *p = (const uint8_t *)b.s;
			struct packed_record v;

			refused = refused && !pack_read(&p, p + n, &v);
		}
	}
	CHECK(refused);
	tk_buf_release(&b);
}

static void
a_record_with_nothing_is_one_byte(void)
{
	uint32_t name[NAME_KINDS] = { 0 };
	struct tk_buf b = TK_BUF_INIT;
	struct packed_record v;
	struct usage_record r;
	const uint8_t *p;

	record_init(&r);
	r.cost_origin = COST_PRICED;
	pack_record(&b, &r, name);
	p = (const uint8_t *)b.s;
	CHECK(b.len == 1 && b.s[0] == 0);
	CHECK(pack_read(&p, p + b.len, &v));
	CHECK(v.r.time == RECORD_UNKNOWN && v.r.cost_origin == COST_UNKNOWN);
	CHECK(v.r.requests == 1 && v.r.latency_ms == RECORD_UNKNOWN);
	tk_buf_release(&b);
}

static void
names_are_known_by_their_key(void)
{
	CHECK(pack_name_kind("user") == NAME_USER);
	CHECK(pack_name_kind("error") == NAME_ERROR);
	CHECK(pack_name_kind("request_id") == -1);
	CHECK(pack_name_kind("") == -1);
}

int
main(void)
{
	varints_round_trip_and_end();
	varints_of_more_than_64_bits_are_refused();
	zigzag_keeps_every_number();
	records_round_trip_one_after_the_other();
	a_peek_sees_what_is_there();
	columns_have_what_is_there(true);
	columns_have_what_is_there(false);
	columns_end_where_records_do();
	a_text_may_be_the_last();
	no_part_of_a_record_is_one();
	a_record_with_nothing_is_one_byte();
	names_are_known_by_their_key();
	return tap_done();
}
