/* tokctl - dispatch to one command */
#include "cmd.h"
int
main(void)
{
	return 0;
}
