/*
 * A ledger in whose tables anything may be: whatever is asked of it, the
 * answer is a result or an error.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "ledger/audit.h"
#include "ledger/check.h"
#include "ledger/ledger.h"
#include "ledger/scan.h"
#include "report/report.h"
#include "store/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/tokctl-fuzz.XXXXXX";
static struct ledger *l;
static struct tk_zone *zone;

/* What the rest of the input is put into; $2 is its first eight bytes. */
static const char *const damages[] = {
	"UPDATE segment SET data = $1 WHERE first_id = 1",
	"UPDATE segment SET slots = $1 WHERE first_id = 1",
	"UPDATE segment SET data = $1, n = $2 WHERE first_id = 1",
	"UPDATE segment SET first_id = $2, data = $1 WHERE first_id = 1",
	"UPDATE segment SET n = $2, head = $1",
	"UPDATE segment SET t_min = $2, slots = $1",
	"UPDATE segment SET t_max = $2, slots = $1",
	"UPDATE name SET kind = $2, name = $1 WHERE id = 1",
	"UPDATE name SET id = $2, name = $1 WHERE id = 2",
	"UPDATE name SET since = $2, name = CAST($1 AS TEXT) WHERE id = 3",
	"UPDATE identity SET id = $2, more = $1",
	"UPDATE reversed SET id = $2, by_id = $1",
	"UPDATE reversed SET by_id = $2 + length($1)",
	"UPDATE audit SET seq = $2, head = $1",
	"UPDATE audit SET time = $2, detail = $1",
	"UPDATE meta SET value = CAST($1 AS TEXT) || $2",
};

static void
remove_folder(void)
{
	char command[64];

	ledger_close(l);
	tk_zone_free(zone);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		perror(command);
}

static void
make_ledger(void)
{
	struct ledger_actor actor = { "x", 1 };
	struct tk_err err = TK_ERR_INIT;
	char path[64];

	if (mkdtemp(folder) == NULL)
		abort();
	snprintf(path, sizeof(path), "%s/l", folder);
	if (ledger_open(&l, path, LEDGER_WRITE | LEDGER_CREATE, &err) < 0 ||
	    ledger_begin(l, &err) < 0 ||
	    tk_zone_open(&zone, "+05:45", &err) < 0)
		abort();
	for (int i = 0; i < 60; i++) {
		enum ledger_result result;
		struct usage_record r;
		char id[8];

		snprintf(id, sizeof(id), "r%d", i);
		record_init(&r);
		r.user = "u";
		r.model = "m";
		r.session = "s";
		r.time = INT64_C(600000) * i;
		r.input_tokens = i;
		r.request_id = id;
		if (ledger_put(l, &r, LEDGER_STRICT, &result, &err) < 0)
			abort();
	}
	if (ledger_void(l, 5, "{}", &actor, &err) < 0 ||
	    ledger_commit(l, LEDGER_RELAXED, &err) < 0)
		abort();
	atexit(remove_folder);
}

static int
nothing(struct packed_record *v, void *data, struct tk_err *err)
{
	(void)data, (void)err;
	return record_total(&v->r) == 42 ? 0 : 0;
}

static int
no_entry(const struct audit_entry *e, void *data)
{
	(void)e, (void)data;
	return 0;
}

static void
read_all(struct tk_err *err)
{
	struct ledger_filter f;
	struct ledger_scan *s;
	struct packed_record *v;

	ledger_filter_init(&f);
	if (ledger_scan_open(&s, l, &f, SCAN_STANDING, err) == 0) {
		while (ledger_scan_next(s, &v, err) > 0 &&
		    ledger_scan_resolve(s, v, err) == 0)
			continue;
		ledger_scan_close(s);
	}
	ledger_latest(l, &f, SCAN_ALL, 7, nothing, NULL, err);
}

static void
report(enum report_dim dim, struct tk_err *err)
{
	struct report_query q = { .zone = zone, .dim = { dim }, .dims = 1 };
	struct report r;

	ledger_filter_init(&q.filter);
	if (report_run(&r, l, &q, err) == 0) {
		for (size_t i = 0; i < r.rows; i++)
			report_key_end(&q, dim, r.row[i].key[0]);
		report_release(&r);
	}
}

static void
ask_everything(void)
{
	struct ledger_actor actor = { "x", 1 };
	struct tk_err err = TK_ERR_INIT;
	struct ledger_findings f;
	struct ledger_extent extent;
	enum ledger_result result;
	struct usage_record r;
	char uuid[33];
	int64_t id, by;

	ledger_check(l, NULL, &f, &err);
	ledger_extent(l, &extent, &err);
	ledger_uuid(l, uuid, &err);
	read_all(&err);
	report(DIM_DATE, &err);
	report(DIM_HOUR, &err);
	report((enum report_dim)NAME_SESSION, &err);
	audit_each(l, no_entry, NULL, &err);
	ledger_find(l, "r7", &id, &err);
	for (id = 0; id < 4; id++)
		if (ledger_get(l, id * 20, &r, &err) > 0)
			ledger_reversed_by(l, id * 20, &by, &err);
	ledger_void(l, 7, "{}", &actor, &err);
	record_init(&r);
	r.user = "u";
	r.model = "new";
	r.time = 1;
	r.request_id = "r9";
	ledger_put(l, &r, LEDGER_MERGE, &result, &err);
	r.request_id = NULL;
	ledger_put(l, &r, LEDGER_STRICT, &result, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tk_err err = TK_ERR_INIT;
	struct stmt *q = NULL;
	int64_t number = 0;

	if (l == NULL)
		make_ledger();
	if (size < 1 || ledger_begin(l, &err) < 0)
		return 0;
	if (store_prepare(ledger_store(l), &q,
		damages[data[0] % TK_LEN(damages)], &err) < 0)
		abort();
	data++, size--;
	memcpy(&number, data, size < 8 ? size : 8);
	stmt_bind_blob(q, 1, data, size);
	if (strstr(damages[data[-1] % TK_LEN(damages)], "$2") != NULL)
		stmt_bind_int(q, 2, number);
	stmt_step(q, &err);
	stmt_free(q);
	ask_everything();
	ledger_rollback(l);
	return 0;
}
