#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "cmd.h"

/* Reports with a file of their own. */
extern const struct cmd cmd_report_accuracy;

#endif
