/* Who was in which department, and since when: people.h. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "limit/limit_int.h"
#include "limit/people.h"

static const char member_sql[] =
    "SELECT since, department FROM member WHERE person = $1 ORDER BY since";
static const char forget_member_sql[] =
    "DELETE FROM member WHERE person = $1 AND since >= $2";
static const char add_member_sql[] =
    "INSERT INTO member (person, since, department) VALUES ($1, $2, $3)";

struct member_list {
	struct member {
		int64_t since;
		char *department;
	} * v;
	size_t n;
};

static void
free_members(void *list_)
{
	struct member_list *list = list_;

	if (list == NULL)
		return;
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i].department);
	free(list->v);
	free(list);
}

void
limits_forget_members(struct limits *L)
{
	limit_map_release(&L->members, free_members);
}

static int
load_members(struct limits *L, const char *user, struct member_list *list,
    struct tk_err *err)
{
	int more;

	if (store_prepare_once(L->st, &L->member, member_sql, err) < 0)
		return -1;
	stmt_bind_text(L->member, 1, user);
	while ((more = stmt_step(L->member, err)) > 0) {
		list->v =
		    tk_xreallocarray(list->v, list->n + 1, sizeof(*list->v));
		list->v[list->n++] = (struct member){ stmt_int(L->member, 0),
			tk_xstrdup(stmt_text(L->member, 1)) };
	}
	return more;
}

int
limits_department(struct limits *L, const char *user, int64_t time,
    const char **department, struct tk_err *err)
{
	struct member_list *list;
	bool fresh;
	void **at = limit_map_at(&L->members, user, strlen(user), &fresh);

	*department = NULL;
	if (*at == NULL) {
		*at = list = tk_xcalloc(1, sizeof(*list));
		if (load_members(L, user, list, err) < 0)
			return -1;
	}
	list = *at;
	for (size_t i = 0; i < list->n && list->v[i].since <= time; i++)
		*department = *list->v[i].department != '\0'
		    ? list->v[i].department
		    : NULL;
	return 0;
}

int
person_departments(struct ledger *l, const char *name, person_department_fn *fn,
    void *data, struct tk_err *err)
{
	struct limits *L = limits_of(l);
	const struct member_list *list;
	const char *first;
	bool fresh;

	if (limits_department(L, name, INT64_MIN, &first, err) < 0)
		return -1;
	list = *limit_map_at(&L->members, name, strlen(name), &fresh);
	for (size_t i = 0; i < list->n; i++)
		fn(list->v[i].since, list->v[i].department, data);
	return 0;
}

int
member_set(struct limits *L, const char *name, const char *department,
    int64_t now, struct tk_err *err)
{
	const char *before;
	struct member_list *list;
	struct stmt *q = NULL;
	bool fresh;
	int rc;

	if (limits_department(L, name, now, &before, err) < 0)
		return -1;
	if (strcmp(before == NULL ? "" : before, department) == 0)
		return 0;
	list = *limit_map_at(&L->members, name, strlen(name), &fresh);
	/* The first one was so all along. */
	if (list->n == 0)
		now = INT64_MIN;
	if (store_prepare(L->st, &q, forget_member_sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, name);
	stmt_bind_int(q, 2, now);
	rc = stmt_step(q, err);
	stmt_free(q);
	if (rc < 0 || store_prepare(L->st, &q, add_member_sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, name);
	stmt_bind_int(q, 2, now);
	stmt_bind_text(q, 3, department);
	rc = stmt_step(q, err);
	stmt_free(q);
	limits_changed(L);
	return rc < 0 ? -1 : tally_refill(L, SCOPE_DEPARTMENT, err);
}
