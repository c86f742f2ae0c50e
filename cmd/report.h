#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "cmd.h"

/* The verbs of "tokctl report" that have files of their own. */
extern const struct cmd cmd_report_accuracy;
extern const struct cmd cmd_report_block;

#endif
