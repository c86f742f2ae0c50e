#include "base/buf.h"
#include "cli/gen.h"

static const char script[] =
    "# fish completion for tokctl, written by \"make gen\"\n"
    "function __tokctl_complete\n"
    "    set -l words (commandline -opc) (commandline -ct)\n"
    "    set -l found ($words[1] __complete -- $words[2..-1] 2>/dev/null)\n"
    "    if set -q found[1]\n"
    "        printf '%s\\n' $found\n"
    "    else\n"
    "        __fish_complete_path (commandline -ct)\n"
    "    end\n"
    "end\n"
    "complete -c tokctl -f -k -a '(__tokctl_complete)'\n";

void
gen_fish(struct tk_buf *b)
{
	tk_buf_adds(b, script);
}
