/* Where messages for a person go, as they chose: limit/people.h. */
#include <stdlib.h>
#include <string.h>

#include "alert/alert_int.h"
#include "alert/outbox.h"
#include "base/buf.h"
#include "base/mem.h"
#include "ledger/ledger.h"
#include "limit/people.h"
#include "json/write.h"

struct gathering {
	struct ledger *l;
	struct recipients *to;
	int64_t now;
	bool deciders; /* only those who decide */
	bool mail;     /* who chose nothing is sent mail */
};

static void
add(struct recipients *to, int64_t id)
{
	to->v = tk_xreallocarray(to->v, to->n + 1, sizeof(*to->v));
	to->v[to->n++] = id;
}

static int
need(struct gathering *g, enum target_kind kind, const char *address,
    struct tk_err *err)
{
	int64_t id;

	if (target_need(g->l, kind, address, g->now, &id, err) < 0)
		return -1;
	add(g->to, id);
	return 0;
}

static int
add_command(struct gathering *g, const char *path, const char *name,
    struct tk_err *err)
{
	struct tk_buf words = TK_BUF_INIT;
	struct json_write w = { .to = &words };
	int rc;

	json_write_open(&w, '[');
	json_write_text(&w, path);
	json_write_text(&w, name);
	json_write_close(&w, ']');
	rc = need(g, TARGET_COMMAND, words.s, err);
	tk_buf_release(&words);
	return rc;
}

/* A webhook that was removed meanwhile is nobody. */
static int
add_webhook(struct gathering *g, const char *name, struct tk_err *err)
{
	struct target t;
	int found = target_find(g->l, name, &t, err);

	if (found > 0)
		add(g->to, t.id);
	target_release(&t);
	return found < 0 ? -1 : 0;
}

static int
add_word(struct gathering *g, const struct person *p, const char *word,
    struct tk_err *err)
{
	static const char webhook[] = "webhook:", command[] = "command:";

	if (strcmp(word, "email") == 0)
		return p->email == NULL ? 0
					: need(g, TARGET_EMAIL, p->email, err);
	if (strncmp(word, webhook, strlen(webhook)) == 0)
		return add_webhook(g, word + strlen(webhook), err);
	if (strncmp(word, command, strlen(command)) == 0)
		return add_command(g, word + strlen(command), p->name, err);
	return 0;
}

static int
add_person(const struct person *p, void *data, struct tk_err *err)
{
	struct gathering *g = data;
	const char *list = p->notify;
	int rc = 0;

	if (p->removed != 0 || (g->deciders && p->role == ROLE_USER))
		return 0;
	if (list == NULL)
		list = g->mail ? "email" : "";
	while (rc == 0 && *list != '\0') {
		size_t len = strcspn(list, ",");

		struct tk_buf word = TK_BUF_INIT;

		tk_buf_add(&word, list, len);
		rc = add_word(g, p, word.s, err);
		tk_buf_release(&word);
		list += len + (list[len] == ',');
	}
	return rc;
}

int
recipients_of(struct ledger *l, const struct alert *a, struct recipients *to,
    struct tk_err *err)
{
	struct gathering g = { .l = l,
		.to = to,
		.now = a->time,
		.deciders = a->kind == ALERT_REQUEST,
		.mail = a->kind == ALERT_REQUEST || a->kind == ALERT_DECISION };

	if (g.deciders)
		return people_each(l, a->time, add_person, &g, err);
	if (a->scope != SCOPE_USER && a->scope != SCOPE_USER_APPLICATION)
		return 0;
	return person_get(l, a->name, a->time, add_person, &g, err) < 0 ? -1
									: 0;
}
