/* Settings: the layers, what is refused, and changing a file in place. */
#include "config/config.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "config/config_int.h"
#include "tap.h"

static char root[] = "/tmp/test_config.XXXXXX";

static void
write_file(const char *name, const char *text)
{
	char path[256];
	FILE *to;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	to = fopen(path, "w");
	if (to == NULL || fputs(text, to) < 0 || fclose(to) != 0)
		printf("# cannot write %s\n", path);
}

static const char *
read_file(const char *name)
{
	static char text[4096];
	char path[256];
	FILE *in;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	in = fopen(path, "r");
	if (in == NULL)
		return "(none)";
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	fclose(in);
	return text;
}

static const char *
in_root(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

/* Value and origin of a key, in a fresh process as it were. */
static const char *
look(const char *key)
{
	static struct tk_buf b = TK_BUF_INIT;
	struct tk_err err = TK_ERR_INIT;
	struct config *c = config_new(NULL);
	const char *value, *origin;

	tk_buf_reset(&b);
	if (config_get(c, key, &value, &err) < 0 ||
	    config_origin(c, key, &origin, &err) < 0)
		tk_buf_addf(&b, "error: %s", err.msg);
	else
		tk_buf_addf(&b, "%s from %s", value == NULL ? "-" : value,
		    origin);
	config_free(c);
	/* Where the test runs does not matter. */
	for (char *s; (s = strstr(b.s, root)) != NULL;) {
		memmove(s + 1, s + strlen(root), strlen(s + strlen(root)) + 1);
		*s = '@';
	}
	return b.s;
}

static void
the_nearest_layer_wins(void)
{
	CHECK_STR(look("ui.color"), "auto from default");
	CHECK_STR(look("ui.tz"), "- from default");
	CHECK_STR(look("ledger.path"),
	    "@/.local/share/tokctl/ledger.db from default");
	write_file("etc/tokctl/tokctl.yaml",
	    "ui: {color: never, tz: UTC}\nui.ascii: yes\n");
	write_file("etc2/tokctl/tokctl.yaml",
	    "ui:\n  color: always\n  week_start: sunday\n");
	CHECK_STR(look("ui.color"), "never from @/etc/tokctl/tokctl.yaml:1");
	CHECK_STR(look("ui.ascii"), "yes from @/etc/tokctl/tokctl.yaml:2");
	CHECK_STR(look("ui.week_start"),
	    "sunday from @/etc2/tokctl/tokctl.yaml:3");
	write_file(".config/tokctl/tokctl.yaml",
	    "# mine\n\nui:\n  tz: Europe/Berlin\nledger:\n  path: ~/x.db\n"
	    "prices:\n  file: mine.yaml\n");
	CHECK_STR(look("ui.tz"),
	    "Europe/Berlin from @/.config/tokctl/tokctl.yaml:4");
	CHECK_STR(look("ledger.path"),
	    "@/x.db from @/.config/tokctl/tokctl.yaml:6");
	CHECK_STR(look("prices.file"),
	    "@/.config/tokctl/mine.yaml from @/.config/tokctl/tokctl.yaml:8");
	write_file("work/.tokctl.yaml", "ui:\n  tz: Asia/Tokyo\n");
	CHECK_STR(look("ui.tz"), "Asia/Tokyo from @/work/.tokctl.yaml:2");
	setenv("TOKCTL_UI_TZ", "Asia/Beirut", 1);
	CHECK_STR(look("ui.tz"), "Asia/Beirut from environment TOKCTL_UI_TZ");
	setenv("TOKCTL_TZ", "Etc/UTC", 1);
	CHECK_STR(look("ui.tz"), "Etc/UTC from environment TOKCTL_TZ");
	setenv("TOKCTL_TZ", "", 1);
	CHECK_STR(look("ui.tz"), "Asia/Beirut from environment TOKCTL_UI_TZ");
	unsetenv("TOKCTL_TZ");
	unsetenv("TOKCTL_UI_TZ");
	setenv("TOKCTL_LEDGER", "postgres://db/x", 1);
	CHECK_STR(look("ledger.path"),
	    "postgres://db/x from environment TOKCTL_LEDGER");
	setenv("TOKCTL_LEDGER", "x.db", 1);
	CHECK_STR(look("ledger.path"),
	    "@/work/deep/x.db from environment TOKCTL_LEDGER");
	unsetenv("TOKCTL_LEDGER");
}

static void
flags_stand_above_all(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct config *c = config_new(NULL);
	const char *value, *origin;

	setenv("TOKCTL_TZ", "Etc/UTC", 1);
	CHECK(config_override(c, "ui.tz", "Asia/Tokyo", "--tz", &err) == 0);
	CHECK(config_override(c, "ui.color", "red", "--color", &err) == -1);
	CHECK_STR(err.msg,
	    "--color: 'ui.color' is one of auto, always, never, not 'red'");
	CHECK(config_get(c, "ui.tz", &value, &err) == 0);
	CHECK(config_origin(c, "ui.tz", &origin, &err) == 0);
	CHECK_STR(value, "Asia/Tokyo");
	CHECK_STR(origin, "--tz");
	unsetenv("TOKCTL_TZ");
	config_free(c);
}

static void
values_have_types(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct config *c = config_new(NULL);
	struct tk_digits d;
	int64_t ms = 0;
	int choice = -1;
	const char *value;

	CHECK(config_get_int(c, "ledger.busy_timeout", &ms, &err) == 0);
	CHECK(ms == 5000);
	CHECK(config_get_choice(c, "ui.week_start", &choice, &err) == 0);
	CHECK(choice == 6);
	CHECK(config_digits(c, &d, &err) == 0);
	CHECK_STR(d.thousands, ",");
	CHECK(config_get(c, "ui.colour", &value, &err) == -1);
	CHECK_STR(err.msg,
	    "unknown key 'ui.colour' (did you mean 'ui.color'?)");
	CHECK(err.code == TK_USAGE);
	CHECK(config_override(c, "ui.thousands", "space", "x", &err) == 0);
	CHECK(config_digits(c, &d, &err) == 0);
	CHECK_STR(d.thousands, " ");
	CHECK(config_override(c, "ui.thousands", "none", "x", &err) == 0);
	CHECK(config_digits(c, &d, &err) == 0);
	CHECK_STR(d.thousands, "");
	CHECK(config_override(c, "ui.thousands", ".", "x", &err) == 0);
	CHECK(config_digits(c, &d, &err) == -1);
	CHECK_STR(err.msg, "'ui.thousands' and 'ui.decimal' are both '.'");
	CHECK(config_override(c, "ui.thousands", "ab", "x", &err) == -1);
	CHECK(config_override(c, "ui.thousands", "5", "x", &err) == -1);
	CHECK(config_override(c, "ui.thousands", "\n", "x", &err) == -1);
	CHECK(config_override(c, "ui.thousands", "\xff", "x", &err) == -1);
	CHECK(
	    config_override(c, "ui.thousands", "\xe2\x80\xaf", "x", &err) == 0);
	config_free(c);
}

static const char *
check_text(const char *text, size_t len)
{
	static struct tk_err err;
	struct tk_buf b = TK_BUF_INIT;
	struct config *c;
	const char *value;
	FILE *to = fopen(in_root("given.yaml"), "w");

	err = (struct tk_err)TK_ERR_INIT;
	if (to == NULL || fwrite(text, 1, len, to) != len || fclose(to) != 0)
		return "cannot write";
	c = config_new("given.yaml");
	if (chdir(root) < 0 || config_get(c, "ui.color", &value, &err) == 0)
		snprintf(err.msg, sizeof(err.msg), "fine");
	else
		CHECK(err.code == TK_USAGE);
	config_free(c);
	tk_buf_release(&b);
	return err.msg;
}

static void
wrong_files_are_refused(void)
{
	static const struct {
		const char *text, *msg;
	} cases[] = {
		{ "", "fine" },
		{ "# nothing\n", "fine" },
		{ "---\n", "fine" },
		{ "---\nui:\n  color: never\n...\n", "fine" },
		{ "\xef\xbb\xbfui:\r\n  color: never\r\n", "fine" },
		{ "ui:\n  # all of it commented out\nledger:\n", "fine" },
		{ "ui: {}\n", "fine" },
		{ "ui: 'x'\n", "given.yaml:1: 'ui' is a section, not a key" },
		{ "quota:\n  wran: 80%\n",
		    "given.yaml:2: unknown key 'quota.wran'" },
		{ "\nui:\n  colour: never\n",
		    "given.yaml:3: unknown key 'ui.colour' (did you mean "
		    "'ui.color'?)" },
		{ "uii: {}\n",
		    "given.yaml:1: unknown key 'uii' (did you mean 'ui.tz'?)" },
		{ "ui:\n  color: red\n",
		    "given.yaml:2: 'ui.color' is one of auto, always, never, "
		    "not 'red'" },
		{ "ui:\n  color:\n", "given.yaml:2: 'ui.color' has no value" },
		{ "ui:\n  color: ~\n",
		    "given.yaml:2: 'ui.color' has no value" },
		{ "ui:\n  tz: ''\n", "given.yaml:2: 'ui.tz' is empty" },
		{ "ledger:\n  busy_timeout: 5\n",
		    "given.yaml:2: 'ledger.busy_timeout': cannot read the "
		    "duration '5'" },
		{ "ui:\n  color: {a: b}\n",
		    "given.yaml:2: unknown key 'ui.color.a'" },
		{ "ui:\n  color: never\n  color: auto\n",
		    "given.yaml:3: 'ui.color' is set twice, before in line "
		    "2" },
		{ "ui:\n  color: never\nui.color: auto\n",
		    "given.yaml:3: 'ui.color' is set twice, before in line "
		    "2" },
		{ "ui:\n  color: never\nui:\n  ascii: yes\n",
		    "given.yaml:3: 'ui' is set twice, before in line 1" },
		{ "ui:\n  color: [never]\n",
		    "given.yaml:2: no setting is a list" },
		{ "- a\n", "given.yaml:1: no setting is a list" },
		{ "never\n",
		    "given.yaml:1: this is no setting; write 'section:' and "
		    "below it '  key: value'" },
		{ "? [a]\n: b\n", "given.yaml:1: no setting is a list" },
		{ "? {a: b}\n: c\n", "given.yaml:1: this key is no word" },
		{ "'': c\n", "given.yaml:1: this key is no word" },
		{ "ui:\n  tz: &a UTC\n",
		    "given.yaml:2: anchors are not read here" },
		{ "ui: &a\n  tz: UTC\n",
		    "given.yaml:1: anchors are not read here" },
		{ "ui:\n  tz: *a\n",
		    "given.yaml:2: aliases are not read here" },
		{ "ui:\n  tz: \"a\\0b\"\n",
		    "given.yaml:2: this value has a NUL in it" },
		{ "a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n",
		    "given.yaml:1: this is nested too deep" },
		{ "---\n---\n", "given.yaml:2: a second document begins here" },
		{ "ui:\n  color: 'never\n",
		    "given.yaml:3: found unexpected end of stream" },
		{ "ui:\n\tcolor: never\n",
		    "given.yaml:2: found character that cannot start any "
		    "token" },
		{ "ui:\n  tz: \xff\n",
		    "given.yaml:2: invalid leading UTF-8 octet" },
		{ "ui:\n  tz: \x01\n",
		    "given.yaml:2: control characters are not allowed" },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++)
		CHECK_STR(check_text(cases[i].text, strlen(cases[i].text)),
		    cases[i].msg);
}

static void
other_wrong_files_are_refused(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct config *c = config_new(in_root("nosuch.yaml"));
	struct tk_buf large = TK_BUF_INIT;
	const char *value;

	CHECK(config_get(c, "ui.color", &value, &err) == -1);
	CHECK(err.code == TK_IO);
	config_free(c);
	c = config_new(root);
	CHECK(config_get(c, "ui.color", &value, &err) == -1);
	CHECK(err.code == TK_IO);
	config_free(c);

	while (large.len <= 1 << 20)
		tk_buf_adds(&large, "# a long comment in a long file\n");
	CHECK_STR(check_text(large.s, large.len),
	    "given.yaml: settings do not take more than a megabyte");
	tk_buf_release(&large);

	write_file("work/.tokctl.yaml", "ledger:\n  path: /tmp/x\n");
	CHECK(chdir(in_root("work/deep")) == 0);
	CHECK_STR(look("ui.color"),
	    "error: @/work/.tokctl.yaml:2: a project may not set "
	    "'ledger.path'");
	unlink(in_root("work/.tokctl.yaml"));
	setenv("TOKCTL_UI_COLOR", "red", 1);
	CHECK_STR(look("ui.color"),
	    "error: $TOKCTL_UI_COLOR: 'ui.color' is one of auto, always, "
	    "never, not 'red'");
	unsetenv("TOKCTL_UI_COLOR");
}

static void
only_the_change_is_made(void)
{
	static const struct {
		const char *before, *key, *value, *after;
	} cases[] = {
		{ "", "ui.color", "never", "ui:\n  color: never\n" },
		{ "# c", "ui.color", "never", "# c\nui:\n  color: never\n" },
		/* a value that is there: only its bytes */
		{ "ui:\n    color:   auto   # why\n", "ui.color", "never",
		    "ui:\n    color:   never   # why\n" },
		{ "ui: {tz: UTC, color: \"auto\"} # x\n", "ui.color", "never",
		    "ui: {tz: UTC, color: never} # x\n" },
		{ "ui:\r\n  color: auto\r\n", "ui.color", "never",
		    "ui:\r\n  color: never\r\n" },
		{ "# \xc3\xa9\xe2\x82\xac\nui:\n  tz: 'a'\n  color: auto\n",
		    "ui.tz", "b",
		    "# \xc3\xa9\xe2\x82\xac\nui:\n  tz: b\n  color: auto\n" },
		{ "\xef\xbb\xbfui:\n  color: auto\n", "ui.color", "never",
		    "\xef\xbb\xbfui:\n  color: never\n" },
		{ "ui:\n  tz: >-\n    UTC\n  color: auto\n", "ui.tz", "Z",
		    "ui:\n  tz: Z\n  color: auto\n" },
		{ "ui.color: auto\n", "ui.color", "never",
		    "ui.color: never\n" },
		/* a new key in a section */
		{ "ui: # mine\n  tz: UTC\n", "ui.color", "never",
		    "ui: # mine\n  color: never\n  tz: UTC\n" },
		{ "ui:\n      tz: UTC\n", "ui.color", "never",
		    "ui:\n      color: never\n      tz: UTC\n" },
		{ "ui:\n  # when\n  #color: auto\n  tz: UTC\n", "ui.color",
		    "never",
		    "ui:\n  # when\n  #color: auto\n  color: never\n"
		    "  tz: UTC\n" },
		{ "ui:\n  #color: auto\nledger:\n", "ui.color", "never",
		    "ui:\n  #color: auto\n  color: never\nledger:\n" },
		{ "ui:\nledger:\n  #color: x\n", "ui.color", "never",
		    "ui:\n  color: never\nledger:\n  #color: x\n" },
		{ "ui:", "ui.color", "never", "ui:\n  color: never\n" },
		{ "ui: {}\n", "ui.color", "never", "ui: {color: never}\n" },
		{ "ui: {tz: UTC}\n", "ui.color", "never",
		    "ui: {color: never, tz: UTC}\n" },
		/* a new section */
		{ "user:\n  name: bob", "ui.color", "never",
		    "user:\n  name: bob\nui:\n  color: never\n" },
		{ "{user: {name: bob}}\n", "ui.color", "never",
		    "{ui: {color: never}, user: {name: bob}}\n" },
		{ "{}\n", "ui.color", "never", "{ui: {color: never}}\n" },
		{ " user:\n  name: bob\n", "ui.color", "never",
		    " user:\n  name: bob\n ui:\n   color: never\n" },
		/* values that need quotes */
		{ "", "user.name", "Bob \"B\" \\ #1: x",
		    "user:\n  name: \"Bob \\\"B\\\" \\\\ #1: x\"\n" },
		{ "", "user.name", "null", "user:\n  name: \"null\"\n" },
		{ "", "user.name", "a\tb\n",
		    "user:\n  name: \"a\\x09b\\x0a\"\n" },
		{ "", "user.name", "-", "user:\n  name: \"-\"\n" },
		{ "", "ui.thousands", ",", "ui:\n  thousands: \",\"\n" },
		/* removing */
		{ "ui:\n  color: auto # x\n  tz: UTC\n", "ui.color", NULL,
		    "ui:\n  tz: UTC\n" },
		{ "ui:\n  color: auto", "ui.color", NULL, "ui:\n" },
		{ "ui:\n  tz: |\n    UTC\n  color: auto\n", "ui.tz", NULL,
		    "ui:\n  color: auto\n" },
		{ "ui: {color: auto, tz: UTC}\n", "ui.color", NULL,
		    "ui: {tz: UTC}\n" },
		{ "ui: {tz: UTC, color: auto}\n", "ui.color", NULL,
		    "ui: {tz: UTC}\n" },
		{ "ui: {color: auto}\n", "ui.color", NULL, "ui: {}\n" },
		{ "ui: {color: auto}\n", "ui.tz", NULL, NULL },
		{ "", "ui.tz", NULL, NULL },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct tk_err err = TK_ERR_INIT;
		struct tk_buf text = TK_BUF_INIT;
		int rc;

		tk_buf_adds(&text, cases[i].before);
		rc = config_edit("f", &text, config_find(cases[i].key, &err),
		    cases[i].value, &err);
		if (rc < 0)
			printf("# %s\n", err.msg);
		CHECK(rc == (cases[i].after == NULL));
		CHECK_STR(text.s,
		    cases[i].after == NULL ? cases[i].before : cases[i].after);
		tk_buf_release(&text);
	}
}

static void
odd_files_are_left_alone(void)
{
	static const struct {
		const char *before, *key, *value;
	} cases[] = {
		{ "ui:\n  tz: UTC\n...\n", "user.name", "bob" },
		{ "user:\n  nme: x\n", "ui.color", "auto" },
		{ "user:\n  name: x\n", "ui.tz", "\xff" },
	};

	for (size_t i = 0; i < TK_LEN(cases); i++) {
		struct tk_err err = TK_ERR_INIT;
		struct tk_buf text = TK_BUF_INIT;

		tk_buf_adds(&text, cases[i].before);
		CHECK(config_edit("f", &text, config_find(cases[i].key, &err),
			  cases[i].value, &err) == -1);
		CHECK(err.code == TK_USAGE);
		CHECK_STR(text.s, cases[i].before);
		tk_buf_release(&text);
	}
}

static void
files_are_made_and_kept_private(void)
{
	struct tk_err err = TK_ERR_INIT;
	struct config *c = config_new(NULL);
	struct tk_buf path = TK_BUF_INIT;
	struct stat st;

	setenv("XDG_CONFIG_HOME", in_root("new/conf"), 1);
	CHECK(config_set(c, "ui.color", NULL, &path, &err) == 1);
	CHECK(access(in_root("new"), F_OK) < 0);
	tk_buf_reset(&path);
	CHECK(config_set(c, "ui.color", "never", &path, &err) == 0);
	CHECK_STR(path.s, in_root("new/conf/tokctl/tokctl.yaml"));
	CHECK_STR(read_file("new/conf/tokctl/tokctl.yaml"),
	    "ui:\n  color: never\n");
	CHECK(stat(path.s, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(stat(in_root("new/conf/tokctl"), &st) == 0 &&
	    (st.st_mode & 0777) == 0700);

	/* A link stays one, and the file behind it keeps its mode. */
	CHECK(rename(path.s, in_root("dotfile")) == 0);
	CHECK(chmod(in_root("dotfile"), 0644) == 0);
	CHECK(symlink("../../../dotfile", path.s) == 0);
	tk_buf_reset(&path);
	CHECK(config_set(c, "ui.color", "always", &path, &err) == 0);
	CHECK_STR(read_file("dotfile"), "ui:\n  color: always\n");
	CHECK(lstat(path.s, &st) == 0 && S_ISLNK(st.st_mode));
	CHECK(stat(path.s, &st) == 0 && (st.st_mode & 0777) == 0644);

	tk_buf_reset(&path);
	CHECK(config_set(c, "ui.color", "red", &path, &err) == -1);
	CHECK(config_set(c, "ui.colr", "auto", &path, &err) == -1);
	unsetenv("XDG_CONFIG_HOME");
	tk_buf_release(&path);
	config_free(c);
}

static const char *
place(enum config_place where, const char *name)
{
	static struct tk_buf b = TK_BUF_INIT;
	static struct tk_err err;

	tk_buf_reset(&b);
	if (config_path(where, name, &b, &err) < 0)
		return err.msg;
	return b.s;
}

static void
places_follow_the_xdg_rules(void)
{
	char *home = strdup(getenv("HOME"));

	setenv("HOME", "/h", 1);
	CHECK_STR(place(PLACE_CONFIG, "a"), "/h/.config/tokctl/a");
	CHECK_STR(place(PLACE_DATA, ""), "/h/.local/share/tokctl");
	CHECK_STR(place(PLACE_STATE, "a/b"), "/h/.local/state/tokctl/a/b");
	setenv("XDG_CACHE_HOME", "relative", 1);
	CHECK_STR(place(PLACE_CACHE, ""), "/h/.cache/tokctl");
	setenv("XDG_CACHE_HOME", "/c", 1);
	CHECK_STR(place(PLACE_CACHE, ""), "/c/tokctl");
	unsetenv("HOME");
	CHECK_STR(place(PLACE_CACHE, ""), "/c/tokctl");
	unsetenv("XDG_CACHE_HOME");
	CHECK(place(PLACE_CACHE, "")[0] == '/' ||
	    strcmp(place(PLACE_CACHE, ""), "there is no home folder") == 0);
	setenv("HOME", home, 1);
	free(home);
}

/* "make gen" writes config/tokctl.yaml from the table. */
static void
the_example_is_of_this_table(const char *example)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf made = TK_BUF_INIT, shipped = TK_BUF_INIT;
	struct config *c = config_new(example);
	const char *value;

	config_template(&made);
	CHECK(config_slurp(example, &shipped, &err) == 1);
	CHECK_STR(shipped.s, made.s);
	CHECK(config_get(c, "ui.color", &value, &err) == 0);
	config_free(c);

	/* Without the '#', it is every default. */
	tk_buf_reset(&shipped);
	for (const char *s = made.s; *s != '\0'; s++)
		if (strncmp(s, "\n  #", 4) == 0 && s[4] != ' ' &&
		    s[strcspn(s + 1, "\n")] != ':') {
			tk_buf_adds(&shipped, "\n  ");
			s += 3;
		} else {
			tk_buf_add(&shipped, s, 1);
		}
	CHECK_STR(check_text(shipped.s, shipped.len), "fine");
	tk_buf_release(&made);
	tk_buf_release(&shipped);
}

static void
the_manual_is_of_this_table(const char *manual)
{
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf made = TK_BUF_INIT, page = TK_BUF_INIT;

	config_man(&made);
	CHECK(config_slurp(manual, &page, &err) == 1);
	CHECK(strstr(page.s, made.s) != NULL);
	tk_buf_release(&made);
	tk_buf_release(&page);
}

int
main(void)
{
	static const char *const folders[] = { "etc", "etc/tokctl", "etc2",
		"etc2/tokctl", ".config", ".config/tokctl", "work",
		"work/deep" };
	char dirs[128], remove[64],
	    *example = realpath("config/tokctl.yaml", NULL);
	char *manual = realpath("man/tokctl.yaml.5", NULL);

	if (example == NULL || manual == NULL || mkdtemp(root) == NULL)
		return 1;
	for (size_t i = 0; i < TK_LEN(folders); i++)
		mkdir(in_root(folders[i]), 0700);
	if (chdir(in_root("work/deep")) < 0)
		return 1;
	clearenv();
	setenv("HOME", root, 1);
	snprintf(dirs, sizeof(dirs), "%s/etc:relative:%s/etc2", root, root);
	setenv("XDG_CONFIG_DIRS", dirs, 1);
	snprintf(remove, sizeof(remove), "rm -rf '%s'", root);
	the_nearest_layer_wins();
	flags_stand_above_all();
	values_have_types();
	wrong_files_are_refused();
	other_wrong_files_are_refused();
	only_the_change_is_made();
	odd_files_are_left_alone();
	files_are_made_and_kept_private();
	places_follow_the_xdg_rules();
	the_example_is_of_this_table(example);
	the_manual_is_of_this_table(manual);
	free(example);
	free(manual);
	if (system(remove) != 0)
		printf("# cannot remove %s\n", root);
	return tap_done();
}
