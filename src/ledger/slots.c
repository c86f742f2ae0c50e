/* The roll-up of a segment: see segment.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ledger/segment.h"

struct cell {
	int64_t slot;
	struct usage_sums sums;
};

struct cells {
	struct cell *cell;
	uint32_t *order; /* cell numbers, by slot */
	size_t n, room;
};

/* The place of the slot in c->order, or where it should be. */
static size_t
find(const struct cells *c, int64_t slot)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (c->cell[c->order[mid]].slot < slot)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct cell *
cell_of(struct cells *c, int64_t slot)
{
	size_t at;

	/* Records mostly come in the order of time. */
	if (c->n > 0 && c->cell[c->n - 1].slot == slot)
		return &c->cell[c->n - 1];
	at = find(c, slot);
	if (at < c->n && c->cell[c->order[at]].slot == slot)
		return &c->cell[c->order[at]];
	if (c->n == c->room) {
		c->room = c->room ? c->room * 2 : 64;
		c->cell = tk_xreallocarray(c->cell, c->room, sizeof(*c->cell));
		c->order =
		    tk_xreallocarray(c->order, c->room, sizeof(*c->order));
	}
	memmove(c->order + at + 1, c->order + at,
	    (c->n - at) * sizeof(*c->order));
	c->order[at] = (uint32_t)c->n;
	c->cell[c->n] = (struct cell){ .slot = slot };
	return &c->cell[c->n++];
}

bool
slots_build(struct tk_buf *b, const uint8_t *data, size_t len, int64_t n)
{
	const uint8_t *p = data, *end = data + len;
	struct cells c = { 0 };
	int64_t before = 0;
	bool ok = true;

	while (ok && p < end) {
		struct packed_record v;

		ok = pack_read(&p, end, &v) && v.r.time >= 0 &&
		    v.r.time <= RECORD_LAST_TIME && n-- > 0;
		if (ok)
			sums_add_record(&cell_of(&c, slot_of(v.r.time))->sums,
			    &v.r, v.name[NAME_ERROR] != 0);
	}
	for (size_t i = 0; i < c.n; i++) {
		const struct cell *cell = &c.cell[c.order[i]];

		pack_varint(b, pack_zigzag(cell->slot - before));
		sums_pack(b, &cell->sums);
		before = cell->slot;
	}
	free(c.cell);
	free(c.order);
	return ok && n == 0;
}

int
slots_next(struct slots_iter *it)
{
	uint64_t step;
	int64_t slot;

	if (it->p == it->end)
		return 0;
	if (!pack_read_varint(&it->p, it->end, &step) ||
	    !sums_read(&it->p, it->end, &it->sums) ||
	    __builtin_add_overflow(it->slot, pack_unzigzag(step), &slot) ||
	    slot < 0 || slot > slot_of(RECORD_LAST_TIME))
		return -1;
	it->slot = slot;
	return 1;
}
