/*
 * What chooses records but is no name in them: their priority and tier, the
 * family of their model, the department that their user was in at that time.
 * All that there is to know is looked up before the first record is read.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "filter.h"
#include "filter_kept.h"
#include "ledger/cube.h"
#include "ledger/names.h"
#include "ledger/record.h"
#include "limit/people.h"
#include "report/report.h"

/* When a user was in one of the departments; half-open. */
struct span {
	uint32_t user;
	int64_t from, to;
};

struct kept {
	struct kept *next;
	uint32_t priorities, tiers; /* one bit for each value; 0: any */
	bool by_family, by_department;
	uint32_t *model; /* sorted */
	size_t models;
	struct span *span; /* by user, then time */
	size_t spans;
};

static int
by_id(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int
by_user(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->user != y->user)
		return x->user < y->user ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

static bool
was_in(const struct kept *k, uint32_t user, int64_t time)
{
	size_t low = 0, high = k->spans;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (k->span[mid].user < user)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < k->spans && k->span[low].user == user; low++)
		if (time >= k->span[low].from && time < k->span[low].to)
			return true;
	return false;
}

static bool
is_kept(const struct packed_record *v, const void *data)
{
	const struct kept *k = data;
	const struct usage_record *r = &v->r;

	if (k->priorities != 0 &&
	    (r->priority < 0 || !(k->priorities >> r->priority & 1)))
		return false;
	if (k->tiers != 0 && !(k->tiers >> r->tier & 1))
		return false;
	if (k->by_family &&
	    (k->models == 0 ||
		bsearch(&v->name[NAME_MODEL], k->model, k->models,
		    sizeof(*k->model), by_id) == NULL))
		return false;
	return !k->by_department || was_in(k, v->name[NAME_USER], r->time);
}

/* One bit for each of the words. */
static int
read_words(const struct opt_list *l, const struct tk_choice *words,
    const char *option, uint32_t *bits, struct tk_err *err)
{
	struct tk_buf known = TK_BUF_INIT;

	*bits = 0;
	for (size_t i = 0; i < l->n; i++) {
		const struct tk_choice *c = words;

		while (c->name != NULL && strcasecmp(c->name, l->v[i]) != 0)
			c++;
		if (c->name != NULL) {
			*bits |= 1u << c->value;
			continue;
		}
		for (c = words; c->name != NULL; c++)
			tk_buf_addf(&known, "%s%s", c == words ? "" : ", ",
			    c->name);
		tk_fail(err, TK_USAGE, "--%s: '%s' is not one of %s", option,
		    l->v[i], known.s);
		tk_buf_release(&known);
		return -1;
	}
	return 0;
}

int
filter_kept_check(const struct cmd_filter *args, struct tk_err *err)
{
	uint32_t bits;

	return read_words(&args->priority, record_priorities, "priority", &bits,
		   err) < 0 ||
		read_words(&args->tier, record_tiers, "tier", &bits, err) < 0
	    ? -1
	    : 0;
}

/* Names that are gone over, and which of the wanted words were met. */
struct looking {
	struct ledger *l;
	struct kept *k;
	const struct opt_list *wanted;
	bool *met;
	uint32_t user;
	int64_t from;
	bool any, in;
	int rc;
	struct tk_err *err;
};

static bool
meet(struct looking *look, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < look->wanted->n; i++)
		if (strcmp(look->wanted->v[i], word) == 0)
			found = look->met[i] = true;
	return found;
}

static int
look_at_model(const char *name, void *data)
{
	struct looking *look = data;
	struct kept *k = look->k;
	struct tk_buf family = TK_BUF_INIT;
	uint32_t id;

	report_model_family(&family, name);
	if (meet(look, family.s)) {
		look->rc = names_find(ledger_names(look->l), NAME_MODEL, name,
		    &id, look->err);
		k->model = tk_xreallocarray(k->model, k->models + 1,
		    sizeof(*k->model));
		if (look->rc > 0)
			k->model[k->models++] = id;
	}
	tk_buf_release(&family);
	return look->rc < 0;
}

static void
end_span(struct looking *look, int64_t to)
{
	struct kept *k = look->k;

	if (!look->in)
		return;
	k->span = tk_xreallocarray(k->span, k->spans + 1, sizeof(*k->span));
	k->span[k->spans++] = (struct span){ look->user, look->from, to };
}

/* The first department holds for all time before, too. */
static void
look_at_department(int64_t since, const char *department, void *data)
{
	struct looking *look = data;

	if (!look->any)
		since = INT64_MIN;
	end_span(look, since);
	look->any = true;
	look->from = since;
	look->in = department != NULL && meet(look, department);
}

static int
look_at_user(const char *name, void *data)
{
	struct looking *look = data;

	look->any = look->in = false;
	look->rc = names_find(ledger_names(look->l), NAME_USER, name,
	    &look->user, look->err);
	if (look->rc > 0)
		look->rc = person_departments(look->l, name, look_at_department,
		    look, look->err);
	if (look->rc >= 0)
		end_span(look, INT64_MAX);
	return look->rc < 0;
}

/* Go over all names of a kind; a word that none of them has is an error. */
static int
look_up(struct looking *look, enum name_kind kind, names_visit_fn *fn,
    const char *what)
{
	int rc;

	look->met = tk_xcalloc(look->wanted->n + 1, sizeof(*look->met));
	rc = names_each(ledger_names(look->l), kind, INT_MAX, fn, look,
	    look->err);
	if (look->rc < 0)
		rc = -1;
	for (size_t i = 0; rc == 0 && i < look->wanted->n; i++)
		if (!look->met[i])
			rc = tk_fail(look->err, TK_NOTFOUND,
			    "the ledger knows no %s '%s'", what,
			    look->wanted->v[i]);
	free(look->met);
	return rc;
}

static int
fill(struct kept *k, struct ledger *l, const struct cmd_filter *args,
    struct tk_err *err)
{
	struct looking look = { .l = l, .k = k, .err = err };

	if (read_words(&args->priority, record_priorities, "priority",
		&k->priorities, err) < 0 ||
	    read_words(&args->tier, record_tiers, "tier", &k->tiers, err) < 0)
		return -1;
	k->by_family = args->model_family.n > 0;
	k->by_department = args->department.n > 0;
	look.wanted = &args->model_family;
	if (k->by_family &&
	    look_up(&look, NAME_MODEL, look_at_model, "model of the family") <
		0)
		return -1;
	look.wanted = &args->department;
	if (k->by_department &&
	    look_up(&look, NAME_USER, look_at_user, "user of the department") <
		0)
		return -1;
	if (k->models > 1)
		qsort(k->model, k->models, sizeof(*k->model), by_id);
	if (k->spans > 1)
		qsort(k->span, k->spans, sizeof(*k->span), by_user);
	return 0;
}

/* What is looked at, or 0 if time is, too: somebody changed departments. */
static uint32_t
kinds_of(const struct kept *k)
{
	uint32_t kinds = 0;

	for (size_t i = 0; i < k->spans; i++)
		if (k->span[i].from != INT64_MIN || k->span[i].to != INT64_MAX)
			return 0;
	if (k->priorities != 0)
		kinds |= CUBE_PRIORITY;
	if (k->tiers != 0)
		kinds |= CUBE_TIER;
	if (k->by_family)
		kinds |= 1u << NAME_MODEL;
	if (k->by_department)
		kinds |= 1u << NAME_USER;
	return kinds;
}

int
filter_kept_read(struct cmd_ctx *ctx, const struct cmd_filter *args,
    struct ledger_filter *f, struct tk_err *err)
{
	struct kept *k;

	if (args->priority.n + args->tier.n + args->model_family.n +
		args->department.n ==
	    0)
		return 0;
	k = tk_xcalloc(1, sizeof(*k));
	k->next = ctx->kept;
	ctx->kept = k;
	f->keep = is_kept;
	f->keep_data = k;
	if (fill(k, ctx->ledger, args, err) < 0)
		return -1;
	f->keep_kinds = kinds_of(k);
	return 0;
}

void
filter_kept_free(struct kept *k)
{
	while (k != NULL) {
		struct kept *next = k->next;

		free(k->model);
		free(k->span);
		free(k);
		k = next;
	}
}
