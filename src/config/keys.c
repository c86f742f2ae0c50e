/* Every setting there is, and what may be said of it. */
#include <string.h>

#include "base/attr.h"
#include "base/num.h"
#include "base/suggest.h"
#include "base/time.h"
#include "base/utf8.h"
#include "config/config_int.h"

const struct config_key config_keys[] = {
	{ "ledger.path", CONFIG_PATH, "$XDG_DATA_HOME/tokctl/ledger.db", NULL,
	    false, "TOKCTL_LEDGER", "the ledger: a file, or a URL" },
	{ "ledger.busy_timeout", CONFIG_DURATION, "5s", NULL, false, NULL,
	    "how long to wait while another process writes" },
	{ "ledger.spool", CONFIG_INT, "1000", NULL, false, NULL,
	    "how many records may wait until the ledger can be written" },
	{ "user.name", CONFIG_TEXT, NULL, NULL, false, "TOKCTL_USER",
	    "whose usage is recorded; the login name if unset" },
	{ "user.unknown", CONFIG_CHOICE, "create", "create refuse book", false,
	    NULL, "usage of who was not added: take, refuse, or book apart" },
	{ "machine.name", CONFIG_TEXT, NULL, NULL, false, "TOKCTL_MACHINE",
	    "what this machine is called; the host name if unset" },
	{ "prices.file", CONFIG_PATH, NULL, NULL, false, NULL,
	    "prices of your own, on top of those built in" },
	{ "prices.unknown", CONFIG_CHOICE, "estimate", "estimate deny allow",
	    false, NULL, "what budgets do with models that have no price" },
	{ "quota.templates", CONFIG_TEXT, NULL, NULL, false, NULL,
	    "templates of your own: name=daily/monthly/hard[/0.8/0.95]" },
	{ "quota.ttl", CONFIG_DURATION, "10m", NULL, false, NULL,
	    "how long a reservation holds" },
	{ "quota.keep", CONFIG_DURATION, "400d", NULL, false, NULL,
	    "how long past counters, alerts and messages are kept" },
	{ "alert.from", CONFIG_TEXT, NULL, NULL, false, NULL,
	    "who mail is from; the user at this machine if unset" },
	{ "alert.sendmail", CONFIG_PATH, "/usr/sbin/sendmail", NULL, false,
	    NULL, "the program that mail is given to" },
	{ "alert.smtp", CONFIG_TEXT, NULL, NULL, false, NULL,
	    "in its place: a server, as smtps://mail.example.org" },
	{ "alert.smtp_user", CONFIG_TEXT, NULL, NULL, false, NULL,
	    "the name to log in to it" },
	{ "alert.smtp_password", CONFIG_PATH, NULL, NULL, false, NULL,
	    "a file with the password" },
	{ "alert.command", CONFIG_PATH, NULL, NULL, false, NULL,
	    "the program that tells users who chose 'command'" },
	{ "alert.disk_free", CONFIG_INT, "500", NULL, false, NULL,
	    "warn when fewer megabytes are free where the ledger is" },
	{ "webhook.tries", CONFIG_INT, "10", NULL, false, NULL,
	    "how often a message is tried before it is given up" },
	{ "conversation.max", CONFIG_INT, "100000", NULL, false, NULL,
	    "tokens a conversation may have" },
	{ "conversation.message", CONFIG_INT, "8192", NULL, false, NULL,
	    "tokens one of its messages may have" },
	{ "conversation.request", CONFIG_INT, "200000", NULL, false, NULL,
	    "tokens it may have with its tools" },
	{ "conversation.warning", CONFIG_PART, "0.8", NULL, false, NULL,
	    "from which part of these on it is near" },
	{ "output.format", CONFIG_CHOICE, "table",
	    "table json jsonl csv md html", true, NULL,
	    "how to print when --format is not given" },
	{ "ui.color", CONFIG_CHOICE, "auto", "auto always never", true, NULL,
	    "when to use colours" },
	{ "ui.ascii", CONFIG_CHOICE, "auto", "auto yes no", true, NULL,
	    "whether to draw with ASCII alone" },
	{ "ui.thousands", CONFIG_MARK, ",", NULL, true, NULL,
	    "what stands between groups of three digits" },
	{ "ui.decimal", CONFIG_MARK, ".", NULL, true, NULL,
	    "what stands before the decimals" },
	{ "ui.pager", CONFIG_TEXT, NULL, NULL, false, "TOKCTL_PAGER",
	    "what shows long output; $PAGER, then less, if unset" },
	{ "ui.week_start", CONFIG_CHOICE, "monday",
	    "monday tuesday wednesday thursday friday saturday sunday", true,
	    NULL, "the first day of a week" },
	{ "ui.tz", CONFIG_ZONE, NULL, NULL, true, "TOKCTL_TZ",
	    "the time zone that days are cut by; the system's if unset" },
	{ "top.refresh", CONFIG_DURATION, "2s", NULL, true, NULL,
	    "how often the live screen asks the ledger, 250ms to 60s" },
	{ "top.view", CONFIG_CHOICE, "user",
	    "user application model session project live limits alerts home",
	    true, NULL, "what it shows below the header" },
	{ "top.sort", CONFIG_CHOICE, "tokens",
	    "name requests input output tokens cost last limit", true, NULL,
	    "what its tables are ordered by" },
	{ "top.theme", CONFIG_CHOICE, "default",
	    "default mono contrast blue-orange", true, NULL, "its colours" },
	{ "top.mouse", CONFIG_BOOL, "false", NULL, true, NULL,
	    "whether it takes clicks and the wheel" },
	{ "top.title", CONFIG_BOOL, "false", NULL, true, NULL,
	    "whether the title of the terminal's window is today's" },
	{ "top.focus", CONFIG_CHOICE, "auto", "auto yes no", true, NULL,
	    "whether it asks less often when its window is not looked at" },
	{ .name = NULL },
};

/* A letter of a key as it is in the environment. */
static char
env_char(char c)
{
	if (c == '.')
		return '_';
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void
config_env(const struct config_key *key, struct tk_buf *b)
{
	tk_buf_adds(b, CONFIG_ENV);
	for (const char *s = key->name; *s != '\0'; s++) {
		char c = env_char(*s);

		tk_buf_add(b, &c, 1);
	}
}

const struct config_key *
config_find_env(const char *name)
{
	for (const struct config_key *k = config_keys; k->name != NULL; k++) {
		const char *s = k->name, *e = name + strlen(CONFIG_ENV);

		while (*s != '\0' && env_char(*s) == *e)
			s++, e++;
		if (*s == '\0' && *e == '\0')
			return k;
	}
	return NULL;
}

bool
config_is_section(const char *name)
{
	size_t len = strlen(name);

	for (const struct config_key *k = config_keys; k->name != NULL; k++)
		if (strncmp(k->name, name, len) == 0 && k->name[len] == '.')
			return true;
	return false;
}

int
config_unknown(const char *name, struct tk_err *err)
{
	struct tk_buf guess = TK_BUF_INIT;
	struct tk_suggest near;

	tk_suggest_init(&near, name);
	for (const struct config_key *k = config_keys; k->name != NULL; k++)
		tk_suggest_offer(&near, k->name);
	tk_suggest_add(&near, &guess);
	tk_fail(err, TK_USAGE, "unknown key '%.64s'%s%s%s", name,
	    guess.len > 0 ? " (" : "", guess.s, guess.len > 0 ? ")" : "");
	tk_buf_release(&guess);
	return tk_hint(err, "'tokctl config show' lists every key");
}

const struct config_key *
config_find(const char *name, struct tk_err *err)
{
	for (const struct config_key *k = config_keys; k->name != NULL; k++)
		if (strcmp(k->name, name) == 0)
			return k;
	config_unknown(name, err);
	return NULL;
}

static bool
is_choice(const char *choices, const char *value)
{
	size_t len = strlen(value);

	while (len > 0) {
		size_t n = strcspn(choices, " ");

		if (n == len && strncmp(choices, value, n) == 0)
			return true;
		if (choices[n] == '\0')
			return false;
		choices += n + 1;
	}
	return false;
}

static int
refuse_choice(const struct config_key *key, const char *value,
    struct tk_err *err)
{
	struct tk_buf words = TK_BUF_INIT;

	for (const char *s = key->choices; *s != '\0'; s++) {
		if (*s == ' ')
			tk_buf_adds(&words, ", ");
		else
			tk_buf_add(&words, s, 1);
	}
	tk_fail(err, TK_USAGE, "'%s' is one of %s, not '%.64s'", key->name,
	    words.s, value);
	tk_buf_release(&words);
	return -1;
}

bool
config_bool(const char *value, bool *yes)
{
	static const struct {
		const char *word;
		bool yes;
	} words[] = {
		{ "true", true },
		{ "false", false },
		{ "yes", true },
		{ "no", false },
		{ "on", true },
		{ "off", false },
	};

	for (size_t i = 0; i < TK_LEN(words); i++) {
		if (strcasecmp(words[i].word, value) == 0) {
			*yes = words[i].yes;
			return true;
		}
	}
	return false;
}

/* One character that cannot be taken for a part of a number. */
bool
config_mark_parse(const char *value, const char **mark)
{
	size_t len = strlen(value);
	int32_t cp;

	*mark = value;
	if (strcmp(value, "none") == 0)
		*mark = "";
	else if (strcmp(value, "space") == 0)
		*mark = " ";
	else if (len == 0 || tk_utf8_step(value, len, &cp) != len ||
	    tk_utf8_columns(cp) != 1 ||
	    (cp < 128 && strchr(",._' ", (char)cp) == NULL))
		return false;
	return true;
}

int
config_check(const struct config_key *key, const char *value,
    struct tk_err *err)
{
	const char *mark;
	int64_t n;
	bool yes;

	switch (key->type) {
	case CONFIG_TEXT:
	case CONFIG_PATH:
	case CONFIG_ZONE:
		if (value[0] == '\0')
			return tk_fail(err, TK_USAGE, "'%s' is empty",
			    key->name);
		return 0;
	case CONFIG_INT:
		if (!tk_int_parse(value, strlen(value), &n))
			return tk_fail(err, TK_USAGE,
			    "'%s' is a whole number, not '%.64s'", key->name,
			    value);
		if (n < 0)
			return tk_fail(err, TK_USAGE, "'%s' is negative: %.64s",
			    key->name, value);
		return 0;
	case CONFIG_PART:
		if (!tk_part_parse(value, &n))
			return tk_fail(err, TK_USAGE,
			    "'%s' is a part of 1, as 0.8 or 80%%, not '%.64s'",
			    key->name, value);
		return 0;
	case CONFIG_BOOL:
		if (!config_bool(value, &yes))
			return tk_fail(err, TK_USAGE,
			    "'%s' is true or false, not '%.64s'", key->name,
			    value);
		return 0;
	case CONFIG_CHOICE:
		if (!is_choice(key->choices, value))
			return refuse_choice(key, value, err);
		return 0;
	case CONFIG_DURATION:
		if (tk_duration_parse(value, &n, err) < 0)
			return tk_wrap(err, "'%s'", key->name);
		return 0;
	case CONFIG_MARK:
		if (!config_mark_parse(value, &mark))
			return tk_fail(err, TK_USAGE,
			    "'%s' is one of , . _ ' or 'space' or 'none', "
			    "not '%.64s'",
			    key->name, value);
		return 0;
	}
	return tk_fail(err, TK_BUG, "'%s' has no type", key->name);
}
