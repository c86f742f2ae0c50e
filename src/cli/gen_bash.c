#include "base/buf.h"
#include "cli/gen.h"

/*
 * Readline splits words at "=" and ":" too; __complete joins them again and
 * answers with what stands after the last one.
 */
static const char script[] =
    "# bash completion for tokctl, written by \"make gen\"\n"
    "_tokctl() {\n"
    "\tlocal line word\n"
    "\tCOMPREPLY=()\n"
    "\twhile IFS= read -r line; do\n"
    "\t\tprintf -v word %q \"${line%%$'\\t'*}\"\n"
    "\t\tCOMPREPLY+=(\"$word\")\n"
    "\tdone < <(\"${COMP_WORDS[0]}\" __complete -- \\\n"
    "\t\t\"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
    "}\n"
    "complete -o default -o nosort -F _tokctl tokctl\n";

void
gen_bash(struct tk_buf *b)
{
	tk_buf_adds(b, script);
}
