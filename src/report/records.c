/* Sums of records as columns: see records.h. */
#include "report/records.h"

#include "ledger/columns.h"
#include "report/groups.h"

/* Of which member of a record a sum is; 0: of no one. */
static const size_t sum_members[SUMS] = {
	[SUM_REQUESTS] = offsetof(struct usage_record, requests),
	[SUM_INPUT] = offsetof(struct usage_record, input_tokens),
	[SUM_CACHE_READ] = offsetof(struct usage_record, cache_read_tokens),
	[SUM_CACHE_WRITE_5M] =
	    offsetof(struct usage_record, cache_write_5m_tokens),
	[SUM_CACHE_WRITE_1H] =
	    offsetof(struct usage_record, cache_write_1h_tokens),
	[SUM_CACHE_WRITE_OTHER] =
	    offsetof(struct usage_record, cache_write_other_tokens),
	[SUM_OUTPUT] = offsetof(struct usage_record, output_tokens),
	[SUM_REASONING] = offsetof(struct usage_record, reasoning_tokens),
	[SUM_UNSPLIT] = offsetof(struct usage_record, unsplit_tokens),
	[SUM_COST] = offsetof(struct usage_record, cost),
};

uint64_t
records_fields(void)
{
	uint64_t fields = UINT64_C(1) << pack_field_of_name(NAME_ERROR);

	for (int i = 0; i < SUMS; i++)
		if (sum_members[i] != 0)
			fields |= UINT64_C(1) << pack_field_of(sum_members[i]);
	return fields;
}

/* A cost that is not known is nothing, and counted. */
static void
split_costs(struct arrivals *a, const struct record_columns *c)
{
	const int64_t *cost = c->v[PACK_FIELD(cost)];
	const int64_t *requests = c->v[PACK_FIELD(requests)];
	bool unknown = false;

	for (size_t i = 0; i < c->n; i++) {
		bool priced = cost[i] != RECORD_UNKNOWN;

		a->own[SUM_COST][i] = priced ? cost[i] : 0;
		a->own[SUM_UNPRICED][i] = priced ? 0 : requests[i];
		unknown |= !priced;
	}
	a->v[SUM_COST] = a->own[SUM_COST];
	a->v[SUM_UNPRICED] = unknown ? a->own[SUM_UNPRICED] : NULL;
}

static void
count_errors(struct arrivals *a, const struct record_columns *c)
{
	int field = pack_field_of_name(NAME_ERROR);
	const int64_t *requests = c->v[PACK_FIELD(requests)];

	a->v[SUM_ERRORS] = NULL;
	if (!(c->seen >> field & 1))
		return;
	for (size_t i = 0; i < c->n; i++)
		a->own[SUM_ERRORS][i] = c->v[field][i] != 0 ? requests[i] : 0;
	a->v[SUM_ERRORS] = a->own[SUM_ERRORS];
}

void
records_sums(struct arrivals *a, const struct record_columns *c)
{
	for (int i = 0; i < SUMS; i++)
		if (sum_members[i] != 0) {
			int field = pack_field_of(sum_members[i]);

			a->v[i] = i == SUM_REQUESTS || c->seen >> field & 1
			    ? c->v[field]
			    : NULL;
		}
	split_costs(a, c);
	count_errors(a, c);
}
