#ifndef CLI_GEN_H
#define CLI_GEN_H

#include "cli/opt.h"

struct tk_buf;

/*
 * What is generated from the option tables: completion scripts and the
 * parts of man pages.
 *
 * The scripts are short, because "tokctl __complete -- WORDS..." does the
 * thinking: it prints "candidate<TAB>description" lines for the last word,
 * or nothing where the shell's own file names are wanted.
 */
void gen_bash(struct tk_buf *b);
void gen_zsh(struct tk_buf *b);
void gen_fish(struct tk_buf *b);

/*
 * mdoc: ".Nm tokctl usage import", a line for each option of the table but
 * not of its groups, which are "[options]", then the operands ("[PATH...]",
 * or NULL).
 */
void gen_man_synopsis(const char *words, const struct opt *opts,
    const char *operands, struct tk_buf *b);

/* mdoc: a list of the table's own options, or nothing when it has none. */
void gen_man_list(const struct opt *opts, struct tk_buf *b);

/* mdoc: the ".It" of every option, those of groups too. */
void gen_man_items(const struct opt *opts, struct tk_buf *b);

/* A text for an mdoc line of its own: a sentence of it. */
void gen_man_sentence(const char *text, struct tk_buf *b);

#endif
