#ifndef CMD_STATUS_TEMPLATE_H
#define CMD_STATUS_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct tk_buf;

/*
 * A line with values in it: "today {today_tokens}[, {model}]".  {word} is a
 * value; what stands in [...] is left out when a value in it is not known;
 * elsewhere "-" stands for it.  {{ }} [[ ]] are the characters themselves.
 */
struct template_word {
	const char *name; /* NULL ends the table */
	const char *help;
	int needs; /* what its user must have ready */
	/* Append the value; false when it is not known. */
	bool (*add)(struct tk_buf *b, const void *data);
};

/* Is it well formed?  *needs is what its words need. */
int template_check(const char *text, const struct template_word *words,
    int *needs, struct tk_err *err);

/* Append the line; text has been checked. */
void template_add(struct tk_buf *b, const char *text,
    const struct template_word *words, const void *data);

#endif
