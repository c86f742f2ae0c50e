#ifndef CMD_RECORD_OUT_H
#define CMD_RECORD_OUT_H

#include "out/out.h"

struct usage_record;

/* How a usage record is printed: every column, in the order of export. */
enum { RECORD_OUT_COLS = 38 }; /* with OUT_COL_END */
extern const struct out_col record_out_cols[RECORD_OUT_COLS];
void record_out_row(struct out *o, const struct usage_record *r);

#endif
