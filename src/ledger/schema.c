#include "ledger/schema.h"

#include "store/store.h"

struct step {
	const char *name;
	const char *up, *down;
};

/* steps[i] goes from version i to i + 1 and back; never change one that was
 * released, add another. */
static const struct step steps[SCHEMA_NOW] = {
	{ "records",
	    /* Facts about the ledger itself: its number, when it was made. */
	    "CREATE TABLE meta ("
	    "  key TEXT NOT NULL PRIMARY KEY,"
	    "  value TEXT NOT NULL"
	    ") WITHOUT ROWID;"
	    /* Users, models, sessions, ...: names.h.  since: the record that
	     * brought it. */
	    "CREATE TABLE name ("
	    "  id INTEGER PRIMARY KEY,"
	    "  kind BIGINT NOT NULL,"
	    "  name TEXT NOT NULL,"
	    "  since BIGINT NOT NULL,"
	    "  UNIQUE (kind, name)"
	    ");"
	    /* The records: segment.h. */
	    "CREATE TABLE segment ("
	    "  first_id INTEGER PRIMARY KEY,"
	    "  n BIGINT NOT NULL,"
	    "  t_min BIGINT NOT NULL,"
	    "  t_max BIGINT NOT NULL,"
	    "  head BLOB NOT NULL,"
	    "  slots BLOB,"
	    "  data BLOB NOT NULL"
	    ");"
	    /* Every request_id ever booked, by 96 bits of its SHA-256: h is
	     * the first 64 (or the next free number), more the other 32.  id
	     * is the record that counts for it now. */
	    "CREATE TABLE identity ("
	    "  h INTEGER PRIMARY KEY,"
	    "  more BIGINT NOT NULL,"
	    "  id BIGINT NOT NULL"
	    ");"
	    /* Records that were taken back, and the record that did it. */
	    "CREATE TABLE reversed ("
	    "  id INTEGER PRIMARY KEY,"
	    "  by_id BIGINT NOT NULL"
	    ");",
	    "DROP TABLE reversed; DROP TABLE identity; DROP TABLE segment;"
	    "DROP TABLE name; DROP TABLE meta;" },
	{ "sources of imports",
	    /* How far each file was read: ledger.h, struct ledger_source. */
	    "CREATE TABLE source ("
	    "  importer TEXT NOT NULL,"
	    "  path TEXT NOT NULL,"
	    "  device BIGINT NOT NULL,"
	    "  inode BIGINT NOT NULL,"
	    "  size BIGINT NOT NULL,"
	    "  mtime BIGINT NOT NULL,"
	    "  position BIGINT NOT NULL,"
	    "  carry TEXT,"
	    "  PRIMARY KEY (importer, path)"
	    ") WITHOUT ROWID;",
	    "DROP TABLE source;" },
	{ "audit chain",
	    /* Who changed what: audit.h. */
	    "CREATE TABLE audit ("
	    "  seq INTEGER PRIMARY KEY,"
	    "  time BIGINT NOT NULL,"
	    "  actor TEXT NOT NULL,"
	    "  action TEXT NOT NULL,"
	    "  object TEXT NOT NULL,"
	    "  detail TEXT NOT NULL,"
	    "  head BLOB NOT NULL"
	    ");",
	    "DROP TABLE audit;" },
	{ "sums by name",
	    /* Of groups of records: tally.h. */
	    "CREATE TABLE tally ("
	    "  id INTEGER PRIMARY KEY,"
	    "  t_min BIGINT NOT NULL,"
	    "  t_max BIGINT NOT NULL,"
	    "  n BIGINT NOT NULL,"
	    "  data BLOB NOT NULL"
	    ");",
	    "DROP TABLE tally;" },
};

const char *
schema_name(int64_t version)
{
	return version >= 1 && version <= SCHEMA_NOW ? steps[version - 1].name
						     : "empty";
}

int
schema_migrate(struct store *st, int64_t from, int64_t to, struct tk_err *err)
{
	struct store_identity id = { .magic = SCHEMA_MAGIC, .version = to };
	int64_t v = from;

	for (; v < to; v++)
		if (store_exec(st, steps[v].up, err) < 0)
			return -1;
	for (; v > to; v--)
		if (store_exec(st, steps[v - 1].down, err) < 0)
			return -1;
	return store_set_identity(st, &id, err);
}
