/* Time zone files and POSIX strings of any bytes: an error or a zone that
 * answers for every instant. */
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
ask(const struct tk_zone *z)
{
	static const int64_t instants[] = { INT64_MIN, INT64_MIN / 1000,
		TK_TIME_MIN, -1, 0, INT64_C(1795267927000),
		INT64_C(2145916800000), TK_TIME_MAX, INT64_MAX / 1000,
		INT64_MAX };

	for (size_t i = 0; i < TK_LEN(instants); i++) {
		int32_t offset = tk_zone_offset(z, instants[i]);
		int32_t day = tk_zone_day(z, instants[i]);

		if (offset < -90000 || offset > 93600)
			abort();
		/* The same, when other spans of time have been looked up. */
		tk_zone_day_start(z, day);
		tk_zone_instant(z, day, 86399999);
		if (tk_zone_offset(z, instants[i]) != offset)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_zone *z = NULL;
	char *name;

	if (tk_zone_open_mem(&z, "fuzz", data, size, &err) == 0) {
		ask(z);
		tk_zone_free(z);
	}
	if (size > 80)
		return 0;
	/* Whatever it is, it is no name of a file. */
	setenv("TZDIR", "/nowhere", 1);
	name = strndup((const char *)data, size);
	if (name[0] != '\0' && tk_zone_open(&z, name, &err) == 0) {
		ask(z);
		tk_zone_free(z);
	}
	free(name);
	return 0;
}
