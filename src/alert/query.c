/* Statements as this module runs them: alert_int.h. */
#include "alert/alert_int.h"
#include "ledger/ledger.h"
#include "store/store.h"

int
alert_exec(struct stmt *q, struct tk_err *err)
{
	int more;

	while ((more = stmt_step(q, err)) > 0)
		;
	return more;
}

int
alert_exec_with(struct ledger *l, const char *sql, int64_t id,
    struct tk_err *err)
{
	struct stmt *q = NULL;
	int rc;

	if (store_prepare(ledger_store(l), &q, sql, err) < 0)
		return -1;
	stmt_bind_int(q, 1, id);
	rc = alert_exec(q, err);
	stmt_free(q);
	return rc;
}

int
alert_exec_new(struct stmt *q, int64_t *id, struct tk_err *err)
{
	int more = stmt_step(q, err);

	if (more <= 0)
		return more;
	*id = stmt_int(q, 0);
	return alert_exec(q, err);
}

int
alert_walk(struct ledger *l, const char *sql, const int64_t *id,
    alert_row_fn *fn, void *data, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more = 0, rc = 0;

	if (store_prepare(ledger_store(l), &q, sql, err) < 0)
		return -1;
	if (id != NULL)
		stmt_bind_int(q, 1, *id);
	while (rc == 0 && (more = stmt_step(q, err)) > 0)
		rc = fn(q, data, err);
	stmt_free(q);
	return rc == 0 ? more : rc;
}
