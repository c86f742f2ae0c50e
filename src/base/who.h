#ifndef BASE_WHO_H
#define BASE_WHO_H

#include <stdbool.h>

struct tk_buf;

/*
 * Who runs this program, as /etc/passwd says.  The file is read directly:
 * getpwuid(3) would load the name services of the machine as libraries, at
 * run time, into a program that is linked without any.  People of network
 * directories have $LOGNAME and $HOME, which callers ask first.
 */
bool tk_passwd_name(struct tk_buf *b);
bool tk_passwd_home(struct tk_buf *b);

/* The name of this machine. */
bool tk_host_name(struct tk_buf *b);

/* How many processors this process may run on: at least one. */
int tk_processors(void);

#endif
