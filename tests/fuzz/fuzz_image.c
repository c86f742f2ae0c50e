/* Headers of images: any bytes end in an answer, and so does their base64. */
#include <stdint.h>
#include <stdlib.h>

#include "chat/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const models[] = { "gpt-4o", "gpt-4.1-mini",
		"claude-opus-4-7", "gemini-2.5-pro", "gemini-3-pro" };
	struct chat_image i = { 0 };
	bool known;

	if (image_size(data, size, &i.width, &i.height) &&
	    (i.width == 0 || i.height == 0))
		abort();
	image_size_base64((const char *)data, size, &i.width, &i.height);
	for (int m = 0; m < 5; m++)
		if (image_tokens(models[m], &i, &known) <= 0)
			abort();
	return 0;
}
