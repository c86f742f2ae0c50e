/* Values in the JSON of others, which may be anything. */
#include <string.h>

#include "base/buf.h"
#include "base/time.h"
#include "base/utf8.h"
#include "provider/provider_int.h"

bool
provider_read_decimal(struct json_scan *s, tk_int128 *pico)
{
	struct json_text t;

	return json_scan_number(s, &t) > 0 && t.n < 64 &&
	    tk_money_parse_near(t.p, t.n, pico);
}

bool
provider_read_percent(struct json_scan *s, int64_t *used)
{
	tk_int128 pico;

	/* The time of the reset was seen in its place. */
	if (!provider_read_decimal(s, &pico) || pico < 0 ||
	    pico > (tk_int128)1000 * TK_PICO_PER_USD)
		return false;
	*used = (int64_t)(pico / (TK_PICO_PER_USD / 10000));
	return true;
}

bool
provider_read_time(struct json_scan *s, int64_t *ms)
{
	const int64_t last_second = INT64_C(100000000000);
	struct json_text t;
	tk_int128 pico;
	int64_t at;

	if (json_scan_peek(s) == JSON_IS_TEXT) {
		if (json_scan_text(s, &t) <= 0 || t.escaped ||
		    !tk_time_parse(t.p, t.n, NULL, &at))
			return false;
	} else {
		if (!provider_read_decimal(s, &pico) ||
		    pico / TK_PICO_PER_USD > TK_TIME_MAX)
			return false;
		at = (int64_t)(pico / (TK_PICO_PER_USD / 1000));
		if (at / 1000 >= last_second)
			at /= 1000;
	}
	if (at <= 0 || at > TK_TIME_MAX)
		return false;
	*ms = at;
	return true;
}

bool
provider_read_text(struct json_scan *s, char *to, size_t size)
{
	struct tk_buf raw = TK_BUF_INIT, clean = TK_BUF_INIT;
	struct json_text t;
	size_t n = 0, step;
	int32_t cp;

	if (json_scan_text(s, &t) <= 0)
		return false;
	json_text_add(&t, &raw);
	tk_utf8_add_clean(&clean, raw.s, raw.len);
	while (n < clean.len) {
		step = tk_utf8_step(clean.s + n, clean.len - n, &cp);
		if (n + step >= size)
			break;
		n += step;
	}
	memcpy(to, clean.s, n);
	to[n] = '\0';
	tk_buf_release(&raw);
	tk_buf_release(&clean);
	return true;
}
