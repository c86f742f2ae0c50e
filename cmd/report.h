#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "cmd.h"

/* The verbs of "tokctl report" that have files of their own. */
extern const struct cmd cmd_report_accuracy, cmd_report_block, cmd_report_trend,
    cmd_report_forecast, cmd_report_anomalies, cmd_report_user,
    cmd_report_system, cmd_report_calendar;

#endif
