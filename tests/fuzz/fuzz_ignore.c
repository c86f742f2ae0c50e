/*
 * Rules and globs: any bytes end in an answer, and a path that has no special
 * characters fits itself.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, 0, size);
	size_t head = nul != NULL ? (size_t)(nul - data) : size;
	char *path = tk_xcalloc(head + 4, 1);
	struct ignore ig;

	memcpy(path, "/r/", 3);
	memcpy(path + 3, data, head);
	ignore_init(&ig);
	ignore_add(&ig, (const char *)data, size, 2);
	ignore_add(&ig, (const char *)data + head, size - head, 0);
	ignore_says(&ig, path, true);
	ignore_says(&ig, path, false);
	if (strpbrk(path, "*?[\\") == NULL && !ignore_glob(path, path))
		abort();
	ignore_release(&ig);
	free(path);
	return 0;
}
