#ifndef TOP_MODEL_INT_H
#define TOP_MODEL_INT_H

#include "top/top.h"

/* Parts of top_model_read(), inside ledger_begin_read(). */
int top_model_limits(struct top_model *m, struct ledger *l, struct tk_err *err);
int top_model_events(struct top_model *m, struct ledger *l, struct tk_err *err);

#endif
