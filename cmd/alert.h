#ifndef CMD_ALERT_H
#define CMD_ALERT_H

#include "alert/alert.h"
#include "cmd.h"
#include "out/out.h"

/* What the verbs of alert share. */
extern const struct out_col alert_cols[];
void alert_row(struct out *o, const struct alert *a);

extern const struct cmd cmd_alert_rules, cmd_alert_add, cmd_alert_remove,
    cmd_alert_run, cmd_alert_test;

#endif
