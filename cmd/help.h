#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "cmd.h"

struct tk_buf;

/* The command that c is, or is a verb of. */
const struct cmd *help_parent(const struct cmd *c);

/* The words that call it: "usage import". */
void help_words(const struct cmd *c, struct tk_buf *b);

/* Every command and verb, one a line. */
void help_as_names(struct tk_buf *b);

/* mdoc of a command with all its verbs, or of one verb. */
void help_as_synopsis(const struct cmd *c, struct tk_buf *b);
void help_as_man(const struct cmd *c, struct tk_buf *b);

/* A table of the commands. */
void help_as_markdown(struct tk_buf *b);

#endif
