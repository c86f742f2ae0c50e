#ifndef CHAT_IMAGE_H
#define CHAT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Images in requests: how large they are, and how many tokens that is.
 */
enum chat_detail {
	CHAT_DETAIL_AUTO,
	CHAT_DETAIL_LOW,
	CHAT_DETAIL_MEDIUM,
	CHAT_DETAIL_HIGH,
	CHAT_DETAIL_ULTRA,
};

struct chat_image {
	uint32_t width, height; /* 0: not known */
	enum chat_detail detail;
};

/*
 * The size that the header of a PNG, JPEG, GIF or WebP file says; false when
 * it says none, or is cut off before.
 */
bool image_size(const uint8_t *p, size_t n, uint32_t *width, uint32_t *height);

/* The same of base64, either alphabet, of which as much is decoded as is
 * needed. */
bool image_size_base64(const char *s, size_t n, uint32_t *width,
    uint32_t *height);

/*
 * The tokens of an image for a model; the rules stand in image_tokens.c.
 * *known is false when the model's rule is not published, or the size is not
 * known: then it is taken for 1024 x 1024.
 */
int64_t image_tokens(const char *model, const struct chat_image *i,
    bool *known);

#endif
