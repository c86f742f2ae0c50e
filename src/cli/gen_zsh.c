#include "base/buf.h"
#include "cli/gen.h"

static const char script[] =
    "#compdef tokctl\n"
    "# zsh completion for tokctl, written by \"make gen\"\n"
    "local -a found\n"
    "local line\n"
    "for line in \"${(@f)$($words[1] __complete -- \\\n"
    "\t\"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
    "\t[[ -n $line ]] &&\n"
    "\t\tfound+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
    "done\n"
    "if (( $#found )); then\n"
    "\t_describe -V tokctl found\n"
    "else\n"
    "\t_files\n"
    "fi\n";

void
gen_zsh(struct tk_buf *b)
{
	tk_buf_adds(b, script);
}
