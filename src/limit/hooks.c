/*
 * What limits keep for an open ledger, and how they hear of every record
 * that is booked: ledger/hooks.h.
 */
#include "ledger/hooks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ledger/names.h"
#include "limit/check.h"
#include "limit/crossing.h"
#include "limit/limit_int.h"

/* So many names' limits and departments are kept. */
enum { MAX_KEPT = 10000 };

static void *
hook_open(struct ledger *l)
{
	struct limits *L = tk_xcalloc(1, sizeof(*L));

	L->l = l;
	L->st = ledger_store(l);
	L->keep = LIMIT_KEEP_MS;
	L->listening = -1;
	L->none_until = INT64_MIN;
	return L;
}

static void
free_parts(void *list_)
{
	struct part_list *list = list_;

	if (list == NULL)
		return;
	for (size_t i = 0; i < list->nzones; i++)
		free(list->zones[i]);
	free(list->zones);
	free(list->v);
	free(list->name);
	free(list->name2);
	free(list);
}

static void
drop(struct limits *L)
{
	L->loaded = L->kept = false;
	L->listening = -1;
	L->nseen = 0;
	limit_map_release(&L->parts, free_parts);
	limits_forget_members(L);
}

void
limits_changed(struct limits *L)
{
	drop(L);
	L->changed = true;
}

void
limits_forget(struct limits *L)
{
	L->loaded = false;
	L->nseen = 0;
	L->none_until = INT64_MIN;
	book_reset(&L->book);
	/* What was written may have been rolled back. */
	if (L->changed || L->parts.n + L->members.n > MAX_KEPT)
		drop(L);
	L->changed = false;
}

void
limit_reread(struct ledger *l)
{
	limits_forget(limits_of(l));
}

static void
hook_close(void *state)
{
	struct limits *L = state;
	struct stmt *const all[] = { L->chain, L->tallies, L->read, L->write,
		L->window, L->after, L->quota, L->budget, L->member, L->person,
		L->any_expired, L->expired, L->hold, L->hold_last, L->hold_add,
		L->hold_end, L->hold_request, L->hold_answer, L->crossed,
		L->crossed_add, L->prune };

	for (size_t i = 0; i < TK_LEN(all); i++)
		stmt_free(all[i]);
	drop(L);
	book_release(&L->book);
	for (size_t i = 0; i < L->n; i++) {
		free(L->tally[i].zone_name);
		tk_zone_free(L->tally[i].zone);
	}
	free(L->tally);
	free(L);
}

struct limits *
limits_of(struct ledger *l)
{
	return ledger_hook_state(l);
}

void
limit_set_prices(struct ledger *l, const struct limit_prices *p)
{
	limits_of(l)->prices = *p;
}

void
limit_set_keep(struct ledger *l, int64_t ms)
{
	limits_of(l)->keep = ms;
}

int64_t
limit_keep(struct ledger *l)
{
	return limits_of(l)->keep;
}

int
limits_subject(struct limits *L, const uint32_t *name, struct limit_subject *s,
    struct tk_err *err)
{
	struct names *names = ledger_names(L->l);

	return names_text(names, name[NAME_USER], &s->user, err) < 0 ||
		names_text(names, name[NAME_APPLICATION], &s->application,
		    err) < 0 ||
		names_text(names, name[NAME_MODEL], &s->model, err) < 0 ||
		names_text(names, name[NAME_KEY], &s->key, err) < 0 ||
		names_text(names, name[NAME_SESSION], &s->session, err) < 0
	    ? -1
	    : 0;
}

static int
hook_appended(void *state, const struct usage_record *r,
    const uint32_t name[NAME_KINDS], struct tk_err *err)
{
	struct limits *L = state;
	struct limit_subject s;
	struct tally_sums sums;

	if (!L->loaded && limits_load(L, err) < 0)
		return -1;
	if (L->listening < 0 &&
	    (L->listening = limit_listener.listening(L->l, err)) < 0)
		return -1;
	if (L->n == 0 && !L->listening)
		return 0;
	if (limits_subject(L, name, &s, err) < 0 ||
	    (L->listening && limit_listener.recorded(L->l, r, &s, err) < 0))
		return -1;
	if (L->n == 0)
		return 0;
	tally_sums_of_record(&sums, r);
	return book_add(L, &L->book, &s, r->time, &sums, false, 0, err);
}

static int
hook_commit(void *state, struct tk_err *err)
{
	return book_flush(state, err);
}

static void
hook_forget(void *state)
{
	limits_forget(state);
}

static int
hook_check(void *state, void (*fault)(const char *text, void *data), void *data,
    int64_t *looked_at, struct tk_err *err)
{
	return limits_check(state, fault, data, looked_at, err);
}

const struct ledger_hooks ledger_hooks = {
	.open = hook_open,
	.close = hook_close,
	.appended = hook_appended,
	.commit = hook_commit,
	.forget = hook_forget,
	.check = hook_check,
};
