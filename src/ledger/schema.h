#ifndef LEDGER_SCHEMA_H
#define LEDGER_SCHEMA_H

#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * The tables, as numbered steps that go up and down.  A database says which
 * step it is at in its schema number (store_identify()).
 */
enum {
	SCHEMA_MAGIC = 0x746f6b63, /* "tokc" */
	SCHEMA_NOW = 7,
};

/* Inside a transaction: from version to version. */
int schema_migrate(struct store *st, int64_t from, int64_t to,
    struct tk_err *err);

/* What step "version" brings, for people: "sources of imports". */
const char *schema_name(int64_t version);

#endif
