#ifndef CMD_REPORT_BLOCK_ROWS_H
#define CMD_REPORT_BLOCK_ROWS_H

#include "cmd.h"
#include "out/out.h"
#include "report/block.h"

struct block_args;

/* One report while it is printed. */
struct block_printing {
	struct cmd_ctx *ctx;
	const struct block_args *args;
	struct block_query q;
	struct blocks b;
	tk_int128 limit; /* 0: none */
	struct block_line *line;
	size_t shown; /* how many lines, from the first */
};

/* Its columns; a window, a gap between two, all windows that are shown. */
enum { BLOCK_COLS = 40 };

void block_rows_cols(const struct block_printing *p,
    struct out_col cols[BLOCK_COLS]);
void block_rows_print(const struct block_printing *p, const struct block *b);
void block_rows_gap(const struct block_printing *p,
    const struct block_line *line);
void block_rows_total(const struct block_printing *p,
    const struct usage_sums *total);

#endif
