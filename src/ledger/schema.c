#include "ledger/schema.h"

#include "store/store.h"

struct step {
	const char *name;
	const char *up, *down;
};

/* What calls in flight may use: src/limit, hold.h. */
#define HOLD_TABLE(name, request) \
	"CREATE TABLE " name " (" \
	"  id INTEGER PRIMARY KEY," \
	"  state BIGINT NOT NULL," \
	"  created BIGINT NOT NULL," \
	"  expires BIGINT NOT NULL," \
	"  resolved BIGINT," \
	"  person TEXT," \
	"  application TEXT," \
	"  model TEXT," \
	"  api_key TEXT," \
	"  session TEXT," \
	"  tokens BIGINT NOT NULL," \
	"  usd BIGINT NOT NULL," \
	"  pico BIGINT NOT NULL," \
	"  record BIGINT," \
	"  request_id TEXT" request "," \
	"  body BLOB," \
	"  answer BLOB" \
	");"
#define HOLD_ACTIVE \
	"CREATE INDEX hold_active ON hold (expires) WHERE state = 0;"
#define HOLD_RENEW \
	"INSERT INTO hold_new SELECT * FROM hold;" \
	"DROP TABLE hold; ALTER TABLE hold_new RENAME TO hold;" HOLD_ACTIVE

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
	    /* Of groups of records: cube.h. */
	    "CREATE TABLE cube ("
	    "  id INTEGER PRIMARY KEY,"
	    "  t_min BIGINT NOT NULL,"
	    "  t_max BIGINT NOT NULL,"
	    "  n BIGINT NOT NULL,"
	    "  data BLOB NOT NULL"
	    ");",
	    "DROP TABLE cube;" },
	{ "users and limits",
	    /* src/limit: people.h, quota.h, budget.h.  removed: a time. */
	    "CREATE TABLE person ("
	    "  name TEXT NOT NULL PRIMARY KEY,"
	    "  email TEXT,"
	    "  full_name TEXT,"
	    "  role BIGINT NOT NULL,"
	    "  added BIGINT NOT NULL,"
	    "  removed BIGINT"
	    ") WITHOUT ROWID;"
	    /* Who was in which department from when on. */
	    "CREATE TABLE member ("
	    "  person TEXT NOT NULL,"
	    "  since BIGINT NOT NULL,"
	    "  department TEXT NOT NULL,"
	    "  PRIMARY KEY (person, since)"
	    ") WITHOUT ROWID;"
	    "CREATE TABLE quota ("
	    "  id INTEGER PRIMARY KEY,"
	    "  scope BIGINT NOT NULL,"
	    "  name TEXT NOT NULL,"
	    "  name2 TEXT NOT NULL,"
	    "  daily BIGINT,"
	    "  monthly BIGINT,"
	    "  hard BIGINT,"
	    "  session BIGINT,"
	    "  warning BIGINT NOT NULL,"
	    "  critical BIGINT NOT NULL,"
	    "  rolling BIGINT NOT NULL,"
	    "  zone TEXT NOT NULL,"
	    "  template TEXT,"
	    "  version BIGINT NOT NULL,"
	    "  updated BIGINT NOT NULL,"
	    "  UNIQUE (scope, name, name2)"
	    ");"
	    "CREATE TABLE budget ("
	    "  id INTEGER PRIMARY KEY,"
	    "  scope BIGINT NOT NULL,"
	    "  name TEXT NOT NULL,"
	    "  name2 TEXT NOT NULL,"
	    "  period BIGINT NOT NULL,"
	    "  usd BIGINT NOT NULL,"
	    "  pico BIGINT NOT NULL,"
	    "  thresholds TEXT NOT NULL,"
	    "  block BIGINT NOT NULL,"
	    "  carry BIGINT NOT NULL,"
	    "  zone TEXT NOT NULL,"
	    "  version BIGINT NOT NULL,"
	    "  added BIGINT NOT NULL,"
	    "  updated BIGINT NOT NULL,"
	    "  UNIQUE (scope, name, name2, period)"
	    ");"
	    /* What is counted, and since when; limit_int.h. */
	    "CREATE TABLE tally ("
	    "  id INTEGER PRIMARY KEY,"
	    "  scope BIGINT NOT NULL,"
	    "  period BIGINT NOT NULL,"
	    "  zone TEXT NOT NULL,"
	    "  since BIGINT NOT NULL"
	    ");"
	    "CREATE TABLE counter ("
	    "  tally BIGINT NOT NULL,"
	    "  name TEXT NOT NULL,"
	    "  name2 TEXT NOT NULL,"
	    "  session TEXT NOT NULL,"
	    "  start BIGINT NOT NULL,"
	    "  sums BLOB NOT NULL,"
	    "  PRIMARY KEY (tally, name, name2, session, start)"
	    ") WITHOUT ROWID;" HOLD_TABLE("hold", " UNIQUE") HOLD_ACTIVE
	    /* Wishes for a larger quota: request.h. */
	    "CREATE TABLE request ("
	    "  id INTEGER PRIMARY KEY,"
	    "  state BIGINT NOT NULL,"
	    "  time BIGINT NOT NULL,"
	    "  actor TEXT NOT NULL,"
	    "  scope BIGINT NOT NULL,"
	    "  name TEXT NOT NULL,"
	    "  name2 TEXT NOT NULL,"
	    "  daily BIGINT,"
	    "  monthly BIGINT,"
	    "  hard BIGINT,"
	    "  session BIGINT,"
	    "  justification TEXT NOT NULL,"
	    "  projected TEXT,"
	    "  snapshot TEXT NOT NULL,"
	    "  decided BIGINT,"
	    "  decider TEXT,"
	    "  reason TEXT"
	    ");"
	    /* crossing.h: the events, and what crossed already. */
	    "CREATE TABLE crossing ("
	    "  event INTEGER PRIMARY KEY,"
	    "  time BIGINT NOT NULL,"
	    "  kind BIGINT NOT NULL,"
	    "  limit_id BIGINT NOT NULL,"
	    "  version BIGINT NOT NULL,"
	    "  scope BIGINT NOT NULL,"
	    "  name TEXT NOT NULL,"
	    "  name2 TEXT NOT NULL,"
	    "  period BIGINT NOT NULL,"
	    "  rolling BIGINT NOT NULL,"
	    "  start BIGINT NOT NULL,"
	    "  session TEXT NOT NULL,"
	    "  numbers BLOB NOT NULL"
	    ");"
	    "CREATE TABLE crossed ("
	    "  kind BIGINT NOT NULL,"
	    "  limit_id BIGINT NOT NULL,"
	    "  version BIGINT NOT NULL,"
	    "  period BIGINT NOT NULL,"
	    "  start BIGINT NOT NULL,"
	    "  session TEXT NOT NULL,"
	    "  threshold BIGINT NOT NULL,"
	    "  event BIGINT NOT NULL,"
	    "  PRIMARY KEY (kind, limit_id, version, period, start, session,"
	    "    threshold)"
	    ") WITHOUT ROWID;",
	    "DROP TABLE crossed; DROP TABLE crossing; DROP TABLE request;"
	    "DROP TABLE hold; DROP TABLE counter; DROP TABLE tally;"
	    "DROP TABLE budget; DROP TABLE quota; DROP TABLE member;"
	    "DROP TABLE person;" },
	{ "alerts",
	    /* src/alert: alert.h, rule.h, outbox.h. */
	    "CREATE TABLE alert ("
	    "  id INTEGER PRIMARY KEY,"
	    "  kind BIGINT NOT NULL,"
	    "  about TEXT NOT NULL,"
	    "  severity BIGINT NOT NULL,"
	    "  state BIGINT NOT NULL,"
	    "  time BIGINT NOT NULL,"
	    "  scope BIGINT NOT NULL,"
	    "  name TEXT NOT NULL,"
	    "  name2 TEXT NOT NULL,"
	    "  event BIGINT,"
	    "  line BIGINT NOT NULL,"
	    "  message TEXT NOT NULL,"
	    "  body TEXT NOT NULL,"
	    "  told BIGINT NOT NULL,"
	    "  changed BIGINT,"
	    "  actor TEXT,"
	    "  reason TEXT"
	    ");"
	    "CREATE INDEX alert_open ON alert (kind, about) WHERE state < 2;"
	    "CREATE INDEX alert_untold ON alert (id) WHERE told = 0;"
	    "CREATE TABLE alert_rule ("
	    "  id INTEGER PRIMARY KEY,"
	    "  name TEXT NOT NULL UNIQUE,"
	    "  kind BIGINT NOT NULL,"
	    "  scope BIGINT NOT NULL,"
	    "  who TEXT NOT NULL,"
	    "  who2 TEXT NOT NULL,"
	    "  period BIGINT NOT NULL,"
	    "  threshold BIGINT NOT NULL,"
	    "  severity BIGINT NOT NULL,"
	    "  cool_down BIGINT NOT NULL,"
	    "  message TEXT,"
	    "  added BIGINT NOT NULL"
	    ");"
	    /* Who is told by a rule. */
	    "CREATE TABLE alert_target ("
	    "  rule BIGINT NOT NULL,"
	    "  target BIGINT NOT NULL,"
	    "  PRIMARY KEY (rule, target)"
	    ") WITHOUT ROWID;"
	    /* Where messages go. */
	    "CREATE TABLE target ("
	    "  id INTEGER PRIMARY KEY,"
	    "  name TEXT UNIQUE,"
	    "  kind BIGINT NOT NULL,"
	    "  address TEXT NOT NULL,"
	    "  events TEXT NOT NULL,"
	    "  secret TEXT,"
	    "  private BIGINT NOT NULL,"
	    "  state BIGINT NOT NULL,"
	    "  added BIGINT NOT NULL,"
	    "  next BIGINT NOT NULL,"
	    "  lease BIGINT NOT NULL,"
	    "  holder TEXT"
	    ");"
	    "CREATE TABLE outbox ("
	    "  id INTEGER PRIMARY KEY,"
	    "  target BIGINT NOT NULL,"
	    "  alert BIGINT,"
	    "  rule BIGINT,"
	    "  time BIGINT NOT NULL,"
	    "  event TEXT NOT NULL,"
	    "  message TEXT NOT NULL,"
	    "  body TEXT NOT NULL,"
	    "  state BIGINT NOT NULL,"
	    "  tries BIGINT NOT NULL,"
	    "  tried BIGINT,"
	    "  result TEXT,"
	    "  UNIQUE (target, alert)"
	    ");"
	    "CREATE INDEX outbox_of_rule ON outbox (rule, time);"
	    "CREATE INDEX outbox_waiting ON outbox (target, id)"
	    "  WHERE state = 0;",
	    "DROP TABLE outbox; DROP TABLE target; DROP TABLE alert_target;"
	    "DROP TABLE alert_rule; DROP TABLE alert;" },
	{ "who is told how",
	    /* people.h, struct person. */
	    "ALTER TABLE person ADD COLUMN notify TEXT;"
	    /* Most holds have no request_id: those are not in an index. */
	    HOLD_TABLE("hold_new", "") HOLD_RENEW
	    "CREATE UNIQUE INDEX hold_request ON hold (request_id)"
	    "  WHERE request_id IS NOT NULL;",
	    HOLD_TABLE("hold_new", " UNIQUE") HOLD_RENEW
	    "ALTER TABLE person DROP COLUMN notify;" },
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
