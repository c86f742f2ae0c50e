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
 * mdoc: ".Nm tokctl usage import", a line for each option that is not in
 * the table "common", then the operands ("[PATH...]", or NULL).
 */
void gen_man_synopsis(const char *words, const struct opt *opts,
    const struct opt *common, const char *operands, struct tk_buf *b);

/* mdoc: the ".It" of each option, those of the table "common" left out. */
void gen_man_options(const struct opt *opts, const struct opt *common,
    struct tk_buf *b);

/* A text for an mdoc line of its own: a sentence of it. */
void gen_man_sentence(const char *text, struct tk_buf *b);

#endif
