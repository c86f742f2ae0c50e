#ifndef TOP_MODEL_INT_H
#define TOP_MODEL_INT_H

#include "top/top.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

/* The name with that id, NULL for 0; it stays as long as the model. */
int top_name(struct top_names *n, struct ledger *l, uint32_t id,
    const char **name, struct tk_err *err);
void top_names_release(struct top_names *n);

/*
 * Parts of a model.  What reads does so inside ledger_begin_read(); *_add
 * take one more record and cannot fail but for a name.
 */
int top_table_read(struct top_model *m, enum top_tables table, struct ledger *l,
    const struct top_query *q, enum name_kind kind, const struct tk_range *r,
    struct tk_err *err);
int top_table_add(struct top_model *m, struct top_table *t, struct ledger *l,
    const struct packed_record *v, struct tk_err *err);
void top_table_release(struct top_table *t);

/* What the wide screen has: the last hour by names; days and hours. */
int top_panes_read(struct top_model *m, struct ledger *l,
    const struct top_query *q, struct tk_err *err);
int top_days_read(struct top_model *m, struct ledger *l,
    const struct top_query *q, struct tk_err *err);
void top_panes_add(struct top_model *m, const struct top_query *q,
    const struct packed_record *v);

int top_calls_read(struct top_model *m, struct ledger *l,
    const struct top_query *q, struct tk_err *err);
int top_calls_add(struct top_model *m, struct ledger *l,
    struct packed_record *v, struct tk_err *err);

int top_limits_read(struct top_model *m, struct ledger *l, struct tk_err *err);
/* Those of the names that calls had, and some of the others in turn: holds
 * expire, windows roll on. */
int top_limits_follow(struct top_model *m, struct ledger *l,
    struct tk_err *err);
void top_limits_touch(struct top_model *m, const struct packed_record *v);
void top_limits_release(struct top_model *m);
int top_owner_compare(const struct top_owner *a, const struct top_owner *b);
/* Owners of holds that came or went since the last time are due. */
int top_holds_read(struct top_model *m, struct ledger *l, struct tk_err *err);

int top_alerts_read(struct top_model *m, struct ledger *l, struct tk_err *err);
void top_alerts_release(struct top_model *m);

#endif
