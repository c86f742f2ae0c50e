#ifndef LEDGER_PACK_FIELDS_H
#define LEDGER_PACK_FIELDS_H

#include "ledger/pack.h"

/* The fields of a packed record, in the order in which it has them: pack.c. */
enum pack_type { PACK_INT, PACK_NAME, PACK_TEXT };

struct pack_field {
	enum pack_type type;
	size_t at;       /* offset, or enum name_kind */
	int64_t usually; /* PACK_INT: the value that is left out */
};

extern const struct pack_field pack_fields[PACK_FIELDS];

#endif
