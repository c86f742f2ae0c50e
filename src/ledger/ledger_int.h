#ifndef LEDGER_LEDGER_INT_H
#define LEDGER_LEDGER_INT_H

#include "base/buf.h"
#include "ledger/identity.h"
#include "ledger/ledger.h"
#include "ledger/names.h"
#include "ledger/segment.h"
#include "store/store.h"

/* What the files of this module share. */
struct ledger {
	struct store *store;
	struct names *names;
	struct segments *segments;
	struct identities *identities;
	bool begun;
	int64_t written; /* records */
	int64_t epoch;   /* of the store, when names were read; 0: none were */
	struct tk_buf new_names; /* what the next record brings */
	ledger_price_fn *price;
	void *price_data;
	void *hooked; /* hooks.h */
	int64_t now;  /* ledger_set_now() */
	struct stmt *reverse, *reversed;
	struct stmt *source_get, *source_put;
};

/* Fill in the texts of v->r from v->name: of these kinds, one bit each. */
enum { LEDGER_ALL_NAMES = (1 << NAME_KINDS) - 1 };
int ledger_resolve(struct ledger *l, struct packed_record *v, uint32_t kinds,
    struct tk_err *err);

#endif
