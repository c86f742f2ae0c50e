/* What who may do: people.h. */
#include <string.h>

#include "ledger/ledger.h"
#include "limit/limit_int.h"
#include "limit/people.h"

static const char deciders_sql[] =
    "SELECT count(*) FROM person WHERE role > 0 AND removed IS NULL";

static int
read_role(const struct person *p, void *data, struct tk_err *err)
{
	(void)err;
	if (p->removed == 0)
		*(int *)data = (int)p->role;
	return 0;
}

static int
count_deciders(struct ledger *l, int64_t *n, struct tk_err *err)
{
	struct stmt *q = NULL;
	int more;

	if (store_prepare(ledger_store(l), &q, deciders_sql, err) < 0)
		return -1;
	more = stmt_step(q, err);
	*n = more > 0 ? stmt_int(q, 0) : 0;
	stmt_free(q);
	return more < 0 ? -1 : 0;
}

int
person_may_set(struct ledger *l, const struct limit_name *of,
    const struct ledger_actor *by, struct tk_err *err)
{
	bool own =
	    (of->scope == SCOPE_USER || of->scope == SCOPE_USER_APPLICATION) &&
	    strcmp(of->name, by->name) == 0;
	int64_t deciders;
	int role = -1;

	if (person_get(l, by->name, by->time, read_role, &role, err) < 0)
		return -1;
	/* Who was not added owns the ledger. */
	if (role < 0 || role == ROLE_ADMIN || (role == ROLE_MANAGER && !own))
		return 0;
	if (count_deciders(l, &deciders, err) < 0)
		return -1;
	if (deciders == 0)
		return 0;
	if (role == ROLE_MANAGER) {
		tk_fail(err, TK_DATA, "nobody sets a limit of their own");
		return tk_hint(err, "ask another manager, or an admin");
	}
	tk_fail(err, TK_DATA, "user '%.200s' may not set limits", by->name);
	return tk_hint(err,
	    "ask for more with 'tokctl quota request'; it takes a manager or "
	    "an admin to set it");
}

int
person_may_decide(struct ledger *l, const char *asker,
    const struct ledger_actor *by, struct tk_err *err)
{
	int role = ROLE_USER;

	if (person_get(l, by->name, by->time, read_role, &role, err) < 0)
		return -1;
	if (role == ROLE_USER) {
		tk_fail(err, TK_DATA, "user '%.200s' may not decide that",
		    by->name);
		return tk_hint(err,
		    "it takes a manager or an admin: see 'tokctl user add "
		    "--role'");
	}
	if (role == ROLE_MANAGER && strcmp(by->name, asker) == 0) {
		tk_fail(err, TK_DATA, "nobody decides a request of their own");
		return tk_hint(err, "ask another manager, or an admin");
	}
	return 0;
}
