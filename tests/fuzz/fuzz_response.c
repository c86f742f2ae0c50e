/* The answer of an API, of any bytes: no number is negative. */
#include <stdlib.h>
#include <string.h>

#include "ingest/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct response_usage u;

	response_usage_read((const char *)data, size, &u);
	if (u.input < 0 || u.output < 0 || u.cache_read < 0 ||
	    u.cache_write < 0 || u.cache_write_5m < 0 || u.cache_write_1h < 0 ||
	    u.reasoning < 0 || u.reasoning > u.output ||
	    strlen(u.model.s) != u.model.len)
		abort();
	response_usage_release(&u);
	return 0;
}
