#ifndef CMD_STATUS_H
#define CMD_STATUS_H

#include "base/num.h"
#include "provider/claude_status.h"
#include "report/now.h"
#include "status_template.h"

/* What the line is made of. */
struct status {
	int64_t now;
	const struct tk_zone *zone;
	struct tk_digits digits;
	bool color, ascii;
	struct claude_status claude; /* of this run, if there was any */
	struct provider_limits limits;
	const char *trouble; /* why there are no figures, or NULL */
	struct now_figures figures;
};

/* What the words of a template need. */
enum status_needs {
	STATUS_LEDGER = 1 << 0,
	STATUS_LIMITS = 1 << 1,
};

extern const struct template_word status_words[];

/* Whether sums have a cost, and whether it leaves something out. */
bool status_is_priced(const struct usage_sums *s);

/* status_out.c: all of it, in any format. */
struct out;
void status_print_document(struct out *o, const struct status *s);

#endif
