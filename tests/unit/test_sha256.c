#include "base/sha256.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/base64.h"
#include "base/buf.h"
#include "tap.h"

/* The examples of FIPS 180-4 and of NIST's short message vectors. */
static const struct {
	const char *text;
	const char *digest;
} known[] = {
	{ "",
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855" },
	{ "abc",
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
	  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
	    "cf5b16a778af8380036ce59e7b049237"
	    "0b249b11e8f07a51afac45037afee9d1" },
	{ "\xd3",
	    "28969cdfa74a12c82f3bad960b0b000a"
	    "ca2ac329deea5c2328ebc6f2ba9802c1" },
	{ "\x11\xaf",
	    "5ca7133fa735326081558ac312c620ee"
	    "ca9970d1e70a4b95533d956f072d1f98" },
};

static void
known_answers(void)
{
	uint8_t digest[32];
	char hex[65];

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		tk_sha256(known[i].text, strlen(known[i].text), digest);
		tk_sha256_hex(digest, hex);
		CHECK_STR(hex, known[i].digest);
	}
}

static void
a_million_letters_in_odd_pieces(void)
{
	struct tk_sha256 s;
	uint8_t digest[32];
	char a[200], hex[65];
	size_t left = 1000000, step = 1;

	memset(a, 'a', sizeof(a));
	tk_sha256_init(&s);
	while (left > 0) {
		size_t n = step < left ? step : left;

		tk_sha256_update(&s, a, n);
		left -= n;
		step = step * 7 % 199 + 1;
	}
	tk_sha256_final(&s, digest);
	tk_sha256_hex(digest, hex);
	CHECK_STR(hex,
	    "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
}

/* Every length around the padding's edges, from one code path. */
static void
digest_of_digests(char hex[65])
{
	uint8_t digest[32], bytes[300];
	struct tk_sha256 all;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + 7);
	tk_sha256_init(&all);
	for (size_t n = 0; n <= sizeof(bytes); n++) {
		tk_sha256(bytes, n, digest);
		tk_sha256_update(&all, digest, sizeof(digest));
	}
	tk_sha256_final(&all, digest);
	tk_sha256_hex(digest, hex);
}

/* RFC 4231, cases 1 and 6. */
static void
hmac_is_that_of_the_rfc(void)
{
	static const struct {
		char key;
		size_t key_len;
		const char *text, *want;
	} cases[] = {
		{ 0x0b, 20, "Hi There",
		    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e"
		    "32"
		    "cff7" },
		{ '\xaa', 131,
		    "Test Using Larger Than Block-Size Key - Hash Key First",
		    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0e"
		    "e3"
		    "7f54" },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		uint8_t digest[TK_SHA256_LEN];
		char key[131], hex[65];

		memset(key, cases[i].key, cases[i].key_len);
		tk_hmac_sha256(key, cases[i].key_len, cases[i].text,
		    strlen(cases[i].text), digest);
		tk_sha256_hex(digest, hex);
		CHECK_STR(hex, cases[i].want);
	}
}

static bool
decodes(struct tk_buf *b, const char *text)
{
	tk_buf_reset(b);
	tk_buf_adds(b, text);
	return tk_base64_decode(b, 0);
}

/* RFC 4648, section 10. */
static void
base64_goes_there_and_back(void)
{
	static const char *const cases[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	struct tk_buf b = TK_BUF_INIT;

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		tk_buf_reset(&b);
		tk_base64_add(&b, cases[i][0], strlen(cases[i][0]));
		CHECK_STR(b.s, cases[i][1]);
		CHECK(tk_base64_decode(&b, 0));
		CHECK_STR(b.s, cases[i][0]);
	}
	CHECK(!decodes(&b, "a"));
	CHECK(!decodes(&b, "ab*d"));
	CHECK(!decodes(&b, "Zg==="));
	CHECK(decodes(&b, "Zg") && strcmp(b.s, "f") == 0);
	CHECK(decodes(&b, "-_-_") && memcmp(b.s, "\xfb\xff\xbf", 3) == 0);
	tk_buf_reset(&b);
	tk_buf_adds(&b, "x=Zm9v");
	CHECK(tk_base64_decode(&b, 2));
	CHECK_STR(b.s, "x=foo");
	tk_buf_release(&b);
}

int
main(void)
{
	char fast[65], plain[65];

	known_answers();
	a_million_letters_in_odd_pieces();
	digest_of_digests(fast);
	tk_sha256_plain_only();
	digest_of_digests(plain);
	CHECK_STR(fast, plain);
	known_answers();
	a_million_letters_in_odd_pieces();
	hmac_is_that_of_the_rfc();
	base64_goes_there_and_back();
	return tap_done();
}
