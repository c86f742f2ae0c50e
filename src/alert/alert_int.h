#ifndef ALERT_ALERT_INT_H
#define ALERT_ALERT_INT_H

#include "alert/alert.h"

struct json_write;
struct limit_crossing;
struct usage_record;
struct stmt;
struct tk_buf;

/* What the files of this module share. */

/* Write an alert without its body, which names it; sets a->id. */
int alert_put(struct ledger *l, struct alert *a, struct tk_err *err);
int alert_set_body(struct ledger *l, const struct alert *a, struct tk_err *err);

/* Resolve all open alerts of that kind and about (NULL: all), but the one
 * with this id; the number of them. */
int alert_resolve_all(struct ledger *l, enum alert_kind kind, const char *about,
    int64_t but, const char *reason, int64_t now, struct tk_err *err);

/* "quota_warning", "budget_critical", "session_limit", ... */
const char *alert_event(enum alert_kind kind, enum alert_severity severity);

/* message.c: the kind of alert, the sentence and the JSON object of a
 * crossing. */
enum alert_kind alert_kind_of(const struct limit_crossing *c);
void alert_crossing_message(const struct limit_crossing *c,
    enum alert_severity severity, struct tk_buf *b);
void alert_crossing_body(const struct limit_crossing *c, const struct alert *a,
    struct tk_buf *b);
/* Of a condition; detail: further members, or "". */
void alert_body(const struct alert *a, const char *detail, struct tk_buf *b);

/* query.c: step a statement to its end. */
int alert_exec(struct stmt *q, struct tk_err *err);
/* The same; the number of the row that it put in, if it did. */
int alert_exec_new(struct stmt *q, int64_t *id, struct tk_err *err);
/* Run one of one parameter. */
int alert_exec_with(struct ledger *l, const char *sql, int64_t id,
    struct tk_err *err);
/* Each row (of that id, unless it is NULL) until fn returns something else
 * than 0, which is returned. */
typedef int alert_row_fn(const struct stmt *q, void *data, struct tk_err *err);
int alert_walk(struct ledger *l, const char *sql, const int64_t *id,
    alert_row_fn *fn, void *data, struct tk_err *err);

/* recipient.c: the targets of those whom an alert concerns, as they chose;
 * v is to be freed. */
struct recipients {
	int64_t *v;
	size_t n;
};
int recipients_of(struct ledger *l, const struct alert *a,
    struct recipients *to, struct tk_err *err);

/* Is it one of the words, with blanks between? */
bool alert_has_word(const char *list, const char *word);

/* message.c: a member that is a time, in UTC. */
void alert_write_time(struct json_write *w, const char *key, int64_t ms);

/* Drop some messages that are older than limit_keep(). */
int outbox_prune(struct ledger *l, int64_t now, struct tk_err *err);

/* recorded.c: for limit_listener. */
int alert_listening(struct ledger *l, struct tk_err *err);
int alert_recorded(struct ledger *l, const struct usage_record *r,
    const struct limit_subject *s, struct tk_err *err);

/* asked.c: for limit_listener. */
struct request;
struct ledger_actor;
int alert_asked(struct ledger *l, const struct request *r,
    const struct ledger_actor *by, struct tk_err *err);
int alert_decided(struct ledger *l, const struct request *r, bool approved,
    const char *reason, const struct ledger_actor *by, struct tk_err *err);

/* outbox.c: a message of that rule (0: of none); its id. */
struct outbox_message;
int outbox_put(struct ledger *l, const struct outbox_message *m, int64_t rule,
    int64_t *id, struct tk_err *err);
/* tell.c: to every target of every rule and webhook that wants it, and of
 * whom it concerns. */
int outbox_tell(struct ledger *l, const struct alert *a,
    const struct limit_crossing *c, struct tk_err *err);

#endif
