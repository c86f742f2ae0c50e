#ifndef CLI_TOPIC_H
#define CLI_TOPIC_H

#include <stddef.h>

/* What "tokctl help" explains besides commands; within 80 columns. */
struct topic {
	const char *name, *summary, *text;
};

extern const struct topic topic_list[];
extern const size_t topic_count;

#endif
