#include "chat/image.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"

static uint32_t
be16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t
be32(const uint8_t *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static uint32_t
le16(const uint8_t *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

static uint32_t
le24(const uint8_t *p)
{
	return (uint32_t)p[2] << 16 | le16(p);
}

/* The first chunk is IHDR. */
static bool
png_size(const uint8_t *p, size_t n, uint32_t *w, uint32_t *h)
{
	if (n < 24 || memcmp(p, "\x89PNG\r\n\x1a\n", 8) != 0 ||
	    memcmp(p + 12, "IHDR", 4) != 0)
		return false;
	*w = be32(p + 16);
	*h = be32(p + 20);
	return true;
}

static bool
gif_size(const uint8_t *p, size_t n, uint32_t *w, uint32_t *h)
{
	if (n < 10 || memcmp(p, "GIF8", 4) != 0)
		return false;
	*w = le16(p + 6);
	*h = le16(p + 8);
	return true;
}

/* Segments follow each other; SOF0 to SOF15 have the size, but for DHT, JPG
 * and DAC, which share their numbers. */
static bool
jpeg_size(const uint8_t *p, size_t n, uint32_t *w, uint32_t *h)
{
	size_t i = 2;

	if (n < 4 || p[0] != 0xff || p[1] != 0xd8)
		return false;
	while (i + 4 <= n) {
		unsigned marker = p[i + 1];

		if (p[i] != 0xff)
			return false;
		if (marker == 0xff) {
			i++;
			continue;
		}
		/* Markers without a length. */
		if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
			i += 2;
			continue;
		}
		if (marker == 0xd9 || marker == 0xda)
			return false;
		if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 &&
		    marker != 0xc8 && marker != 0xcc) {
			if (i + 9 > n)
				return false;
			*h = be16(p + i + 5);
			*w = be16(p + i + 7);
			return true;
		}
		i += 2 + be16(p + i + 2);
	}
	return false;
}

/* RIFF; the first chunk is VP8, VP8L or VP8X. */
static bool
webp_size(const uint8_t *p, size_t n, uint32_t *w, uint32_t *h)
{
	if (n < 30 || memcmp(p, "RIFF", 4) != 0 ||
	    memcmp(p + 8, "WEBP", 4) != 0)
		return false;
	if (memcmp(p + 12, "VP8 ", 4) == 0 &&
	    memcmp(p + 23, "\x9d\x01\x2a", 3) == 0) {
		*w = le16(p + 26) & 0x3fff;
		*h = le16(p + 28) & 0x3fff;
		return true;
	}
	if (memcmp(p + 12, "VP8L", 4) == 0 && p[20] == 0x2f) {
		uint32_t bits = le24(p + 21) | (uint32_t)p[24] << 24;

		*w = (bits & 0x3fff) + 1;
		*h = (bits >> 14 & 0x3fff) + 1;
		return true;
	}
	if (memcmp(p + 12, "VP8X", 4) != 0)
		return false;
	*w = le24(p + 24) + 1;
	*h = le24(p + 27) + 1;
	return true;
}

bool
image_size(const uint8_t *p, size_t n, uint32_t *width, uint32_t *height)
{
	uint32_t w = 0, h = 0;

	if (!png_size(p, n, &w, &h) && !jpeg_size(p, n, &w, &h) &&
	    !gif_size(p, n, &w, &h) && !webp_size(p, n, &w, &h))
		return false;
	if (w == 0 || h == 0)
		return false;
	*width = w;
	*height = h;
	return true;
}

/* Up to max bytes; what is no digit (line ends, JSON's backslashes before
 * slashes) is passed over. */
static size_t
decode(const char *s, size_t n, uint8_t *to, size_t max)
{
	size_t out = 0;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < n && out < max; i++) {
		int value = tk_base64_digit((unsigned char)s[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		if ((have += 6) >= 8)
			to[out++] = (uint8_t)(bits >> (have -= 8));
	}
	return out;
}

bool
image_size_base64(const char *s, size_t n, uint32_t *width, uint32_t *height)
{
	/* Enough for all but JPEGs with a large preview in their header. */
	enum { FIRST = 1024 };
	size_t max = FIRST, all = n / 4 * 3 + 3, got;
	uint8_t *p = NULL;
	bool found = false;

	for (;;) {
		p = tk_xreallocarray(p, max, 1);
		got = decode(s, n, p, max);
		found = image_size(p, got, width, height);
		if (found || got < max || max >= all)
			break;
		max = max * 64 < all ? max * 64 : all;
	}
	free(p);
	return found;
}
