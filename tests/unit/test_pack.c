/* Packed records: what is written is read, and nothing else is. */
#include "ledger/pack.h"

#include <stdlib.h>

#include "base/buf.h"
#include "tap.h"

/* Every length, at every distance from the end of the bytes. */
static void
varints_read_the_same_fast_and_slowly(void)
{
	bool same = true;

	for (int bit = 0; bit < 64; bit++) {
		for (int add = -2; add <= 2; add++) {
			uint64_t n = (UINT64_C(1) << bit) + (uint64_t)add;
			struct tk_buf b = TK_BUF_INIT;
			size_t len;

			pack_varint(&b, n);
			len = b.len;
			for (size_t more = 0; more < 12; more++) {
				const uint8_t *s = (const uint8_t *)b.s;
				const uint8_t *p = s, *q = s;
				uint64_t fast = 0, slow = 0;

				same = same &&
				    pack_read_varint(&p, s + b.len, &fast) &&
				    pack_read_varint_slowly(&q, s + b.len,
					&slow) &&
				    fast == n && slow == n && p == s + len &&
				    q == p;
				tk_buf_add(&b, "\xff", 1);
			}
			for (size_t cut = 0; cut < len; cut++) {
				const uint8_t *p = (const uint8_t *)b.s;
				uint64_t none;

				same = same &&
				    !pack_read_varint(&p, p + cut, &none);
			}
			tk_buf_release(&b);
		}
	}
	CHECK(same);
}

static void
too_long_a_number_is_none(void)
{
	static const uint8_t long_one[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0x02, 0 };
	const uint8_t *p = long_one;
	uint64_t n;

	CHECK(!pack_read_varint(&p, p + sizeof(long_one), &n));
}

static struct usage_record
full_record(void)
{
	struct usage_record r;

	record_init(&r);
	for (const struct record_field *f = record_fields; f->key; f++)
		if (f->type != RECORD_NAME && f->type != RECORD_TEXT &&
		    f->type != RECORD_OBJECT)
			*record_int(&r, f) = (f - record_fields) * 1000003 + 1;
	r.request_id = "req";
	r.tools = "";
	r.metadata = "{\"a\":\"\xc3\xa4\"}";
	r.requests = -1;
	r.reverses = INT64_MAX;
	r.cost = INT64_MIN + 1;
	return r;
}

static void
a_record_comes_back_whole(void)
{
	uint32_t name[NAME_KINDS];
	struct usage_record r = full_record();
	struct tk_buf b = TK_BUF_INIT;
	struct packed_record v;
	const uint8_t *p, *end;
	bool same = true;

	for (int i = 0; i < NAME_KINDS; i++)
		name[i] = (uint32_t)(i * 300);
	pack_record(&b, &r, name);
	p = (const uint8_t *)b.s;
	end = p + b.len;
	CHECK(pack_read(&p, end, &v) && p == end);
	for (const struct record_field *f = record_fields; f->key; f++)
		if (f->type != RECORD_NAME && f->type != RECORD_TEXT &&
		    f->type != RECORD_OBJECT)
			same =
			    same && *record_int(&r, f) == *record_int(&v.r, f);
	CHECK(same);
	CHECK(v.r.requests == -1 && v.r.reverses == INT64_MAX);
	CHECK_STR(v.r.request_id, "req");
	CHECK_STR(v.r.tools, "");
	CHECK_STR(v.r.metadata, r.metadata);
	CHECK(memcmp(v.name, name, sizeof(name)) == 0);
	tk_buf_release(&b);
}

/* Cut anywhere, or with any byte changed, it never reads past the end. */
static void
damage_does_no_harm(void)
{
	static const uint32_t name[NAME_KINDS] = { 1, 2, 3 };
	struct usage_record r = full_record();
	struct tk_buf b = TK_BUF_INIT;
	bool bounded = true;

	pack_record(&b, &r, name);
	for (size_t len = 0; len < b.len; len++) {
		uint8_t *copy = malloc(len + 1);
		struct packed_record v;

		for (int change = 0; change < 256; change += 51) {
			const uint8_t *p = copy;

			memcpy(copy, b.s, len);
			if (len > 0)
				copy[len / 2] ^= (uint8_t)change;
			pack_read(&p, copy + len, &v);
			bounded = bounded && p <= copy + len;
		}
		free(copy);
	}
	CHECK(bounded);
	tk_buf_release(&b);
}

int
main(void)
{
	varints_read_the_same_fast_and_slowly();
	too_long_a_number_is_none();
	a_record_comes_back_whole();
	damage_does_no_harm();
	return tap_done();
}
