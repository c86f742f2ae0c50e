#ifndef LIMIT_PEOPLE_H
#define LIMIT_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/choice.h"
#include "base/err.h"

#include "limit/limit.h"

struct ledger_actor;

/*
 * Users: who they are, apart from what they used.
 *
 * Everybody who has a record is a user; who was added has a role, an address
 * and so on as well.  One who was removed keeps all records and can be added
 * again.  Departments are remembered with the time of each change, so that
 * what was used stays with the department of that time; the first that a user
 * has holds for all time before, too.
 *
 * How they are told of what concerns them, which they choose, is a list of
 * words with commas between: "email", to their address; "webhook:NAME";
 * "command:PATH", run with their name; "in_app", which needs no sending.
 */
enum person_role { ROLE_USER, ROLE_MANAGER, ROLE_ADMIN };
extern const struct tk_choice person_roles[];

struct person {
	const char *name;
	const char *email, *full_name, *department; /* NULL: not known */
	const char *notify;                         /* NULL: not chosen */
	enum person_role role;
	bool listed;     /* was added, or has limits; else records name it */
	int64_t added;   /* 0: was not */
	int64_t removed; /* 0: was not */
};

/* Each department that a user was in, in the order of time; "" is none. */
typedef void person_department_fn(int64_t since, const char *department,
    void *data);
int person_departments(struct ledger *l, const char *name,
    person_department_fn *fn, void *data, struct tk_err *err);

/* 1: p is filled in, until the next call for this ledger; 0: not added. */
typedef int person_visit_fn(const struct person *p, void *data,
    struct tk_err *err);
int person_get(struct ledger *l, const char *name, int64_t now,
    person_visit_fn *fn, void *data, struct tk_err *err);

/* All of them by name; those who only have records too.  All are read before
 * fn is called: it may write. */
int people_each(struct ledger *l, int64_t now, person_visit_fn *fn, void *data,
    struct tk_err *err);

enum person_standing { PERSON_UNKNOWN, PERSON_KNOWN, PERSON_REMOVED };

/* How it stands in the list: unknown is who was not added to it, which who
 * has records need not be.  -1: it failed. */
int person_listed(struct ledger *l, const char *name, struct tk_err *err);

/* Who has records is known, too.  -1: it failed; *listed: was added, and not
 * removed. */
int person_standing(struct ledger *l, const char *name, bool *listed,
    struct tk_err *err);

/* No such user, with the one who may have been meant. */
int person_unknown(struct ledger *l, const char *name, struct tk_err *err);

/* Inside ledger_begin(); each is an entry in the audit chain.  Fields that
 * are NULL (and role < 0) stay as they are; "" takes a text away. */
struct person_change {
	const char *email, *full_name, *department, *notify;
	int role;
};

int person_add(struct ledger *l, const char *name,
    const struct person_change *c, const struct ledger_actor *by,
    struct tk_err *err);
int person_change(struct ledger *l, const char *name,
    const struct person_change *c, const struct ledger_actor *by,
    struct tk_err *err);
int person_remove(struct ledger *l, const char *name,
    const struct ledger_actor *by, struct tk_err *err);

/* Whose usage is booked: anybody's (CREATE), nobody's who was not added
 * (REFUSE), or then that of the user "unknown" (BOOK). */
int person_admit(struct ledger *l, enum limit_strangers strangers,
    struct usage_record *r, struct tk_err *err);

/*
 * Whether an actor may set limits of that name.  Who was not added may (it is
 * their ledger), and so may everybody while nobody is a manager or an admin;
 * then users may not, and managers not their own.
 */
int person_may_set(struct ledger *l, const struct limit_name *of,
    const struct ledger_actor *by, struct tk_err *err);

/* Whether an actor may decide what asker asks for: a manager or an admin, but
 * a manager not about their own wish. */
int person_may_decide(struct ledger *l, const char *asker,
    const struct ledger_actor *by, struct tk_err *err);

/* List who is not known yet, because of a limit: it can still be added. */
int person_ensure(struct ledger *l, const char *name,
    const struct ledger_actor *by, struct tk_err *err);

#endif
