/* Rows on their way through a file: see rows_file.h. */
#include "report/rows_file.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ledger/pack.h"
#include "report/latency.h"

int
rows_file_open(struct rows_file *r)
{
	*r = (struct rows_file){ tmpfile(), TK_BUF_INIT };
	return r->f == NULL ? -1 : 0;
}

void
rows_file_close(struct rows_file *r)
{
	if (r->f != NULL)
		fclose(r->f);
	r->f = NULL;
	tk_buf_release(&r->row);
}

__extension__ typedef unsigned __int128 uint128;

enum { VARINT_MAX = 10, WIDE_MAX = 19, NUMBERS = REPORT_MAX_DIMS + 3 };

/* As pack_varint() and sums_pack() would, without a call for each byte. */
static uint8_t *
put_number(uint8_t *p, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*p++ = (uint8_t)(n | 0x80);
	*p++ = (uint8_t)n;
	return p;
}

static uint8_t *
put_wide(uint8_t *p, tk_int128 n)
{
	uint128 u = (uint128)n << 1 ^ (uint128)(n >> 127);

	for (; u > UINT64_MAX; u >>= 7)
		*p++ = (uint8_t)(u | 0x80);
	return put_number(p, (uint64_t)u);
}

void
rows_file_put(struct rows_file *r, const struct report_row *row)
{
	uint8_t bytes[NUMBERS * VARINT_MAX + SUMS * WIDE_MAX], *p = bytes;
	uint64_t mask = 0;
	uint32_t len;

	for (size_t d = 0; d < REPORT_MAX_DIMS; d++)
		p = put_number(p, pack_zigzag(row->key[d]));
	p = put_number(p, pack_zigzag(row->first));
	p = put_number(p, pack_zigzag(row->last));
	for (int i = 0; i < SUMS; i++)
		mask |= (uint64_t)(row->sums.v[i] != 0) << i;
	p = put_number(p, mask);
	for (; mask != 0; mask &= mask - 1)
		p = put_wide(p, row->sums.v[__builtin_ctzll(mask)]);
	tk_buf_reset(&r->row);
	if (row->latency != NULL)
		latency_write(&r->row, row->latency);
	len = (uint32_t)(p - bytes) + (uint32_t)r->row.len;
	fwrite_unlocked(&len, sizeof(len), 1, r->f);
	fwrite_unlocked(bytes, 1, (size_t)(p - bytes), r->f);
	fwrite_unlocked(r->row.s, 1, r->row.len, r->f);
}

int
rows_file_turn(struct rows_file *r, struct tk_err *err)
{
	if (fflush(r->f) != 0 || ferror(r->f) || fseek(r->f, 0, SEEK_SET) != 0)
		return tk_fail_errno(err, "cannot keep the rows in a file");
	return 0;
}

static bool
read_number(const uint8_t **p, const uint8_t *end, int64_t *n)
{
	uint64_t u;

	if (!pack_read_varint(p, end, &u))
		return false;
	*n = pack_unzigzag(u);
	return true;
}

static bool
read_row(const uint8_t *p, const uint8_t *end, struct report_row *row)
{
	for (size_t d = 0; d < REPORT_MAX_DIMS; d++)
		if (!read_number(&p, end, &row->key[d]))
			return false;
	if (!read_number(&p, end, &row->first) ||
	    !read_number(&p, end, &row->last) ||
	    !sums_read(&p, end, &row->sums))
		return false;
	if (p == end)
		return true;
	row->latency = tk_xcalloc(1, sizeof(*row->latency));
	return latency_read(&p, end, row->latency) && p == end;
}

int
rows_file_get(struct rows_file *r, struct report_row *row, struct tk_err *err)
{
	enum { LONGEST = 1 << 24, CHUNK = 512 };
	struct tk_buf *b = &r->row;
	char bytes[CHUNK];
	uint32_t len;

	*row = (struct report_row){ 0 };
	if (fread_unlocked(&len, sizeof(len), 1, r->f) == 0 && feof(r->f))
		return 0;
	tk_buf_reset(b);
	while (len < LONGEST && b->len < len) {
		size_t n = len - b->len < CHUNK ? len - b->len : CHUNK;

		if (fread_unlocked(bytes, 1, n, r->f) != n)
			break;
		tk_buf_add(b, bytes, n);
	}
	if (b->len == len &&
	    read_row((uint8_t *)b->s, (uint8_t *)b->s + b->len, row))
		return 1;
	latency_free(row->latency);
	row->latency = NULL;
	return tk_fail(err, TK_IO, "cannot read back the rows in a file");
}
