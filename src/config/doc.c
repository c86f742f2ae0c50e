/* What is written about the settings, from their table. */
#include <string.h>

#include "config/config_int.h"

static size_t
section_len(const struct config_key *k)
{
	return strcspn(k->name, ".");
}

static bool
starts_section(const struct config_key *k)
{
	size_t len = section_len(k);

	return k == config_keys || section_len(k - 1) != len ||
	    strncmp(k[-1].name, k->name, len) != 0;
}

static void
add_sentence(struct tk_buf *b, const char *help)
{
	char first = help[0];

	if (first >= 'a' && first <= 'z')
		first = (char)(first - 'a' + 'A');
	tk_buf_add(b, &first, 1);
	tk_buf_addf(b, "%s.", help + 1);
}

/* What may stand behind the key, for people; NULL for choices. */
static const char *
type_text(enum config_type type)
{
	switch (type) {
	case CONFIG_TEXT:
		return "a text";
	case CONFIG_INT:
		return "a whole number";
	case CONFIG_PART:
		return "a part of 1, as 0.8 or 80%";
	case CONFIG_BOOL:
		return "true or false";
	case CONFIG_PATH:
		return "a path; ~/ is the home";
	case CONFIG_DURATION:
		return "a duration as 500ms, 5s or 10m";
	case CONFIG_ZONE:
		return "a name as Europe/Berlin, UTC, or an offset as +02:00";
	case CONFIG_MARK:
		return "one of , . _ ' or space or none";
	case CONFIG_CHOICE:
		break;
	}
	return NULL;
}

static void
add_words(struct tk_buf *b, const char *words, const char *sep)
{
	for (; *words != '\0'; words++) {
		if (*words == ' ')
			tk_buf_adds(b, sep);
		else
			tk_buf_add(b, words, 1);
	}
}

/* A default as YAML; marks need quotes. */
static void
add_default(struct tk_buf *b, const struct config_key *k)
{
	if (k->value == NULL)
		return;
	tk_buf_addf(b, k->type == CONFIG_MARK ? " \"%s\"" : " %s", k->value);
}

void
config_template(struct tk_buf *b)
{
	tk_buf_adds(b,
	    "# tokctl.yaml: settings of tokctl.  Copy it to\n"
	    "# ~/.config/tokctl/tokctl.yaml and take the '#' away from the "
	    "lines\n"
	    "# to change; each shows its default.  See tokctl.yaml(5).\n");
	for (const struct config_key *k = config_keys; k->name != NULL; k++) {
		size_t len = section_len(k);

		if (starts_section(k))
			tk_buf_addf(b, "\n%.*s:\n", (int)len, k->name);
		else
			tk_buf_adds(b, "\n");
		tk_buf_adds(b, "  # ");
		add_sentence(b, k->help);
		tk_buf_adds(b, "\n  # ");
		if (k->type == CONFIG_CHOICE) {
			tk_buf_adds(b, "One of ");
			add_words(b, k->choices, ", ");
			tk_buf_adds(b, ".");
		} else {
			add_sentence(b, type_text(k->type));
		}
		tk_buf_addf(b, "\n  #%s:", k->name + len + 1);
		add_default(b, k);
		tk_buf_adds(b, "\n");
	}
}

static void
man_values(struct tk_buf *b, const struct config_key *k)
{
	if (k->type == CONFIG_CHOICE) {
		tk_buf_adds(b, "One of\n.Cm ");
		add_words(b, k->choices, " , ");
		tk_buf_adds(b, " .\n");
	} else {
		tk_buf_adds(b, "The value is ");
		tk_buf_addf(b, "%s.\n", type_text(k->type));
	}
	if (k->value != NULL)
		tk_buf_addf(b, "Default:\n.Ql %s%s .\n",
		    k->type == CONFIG_MARK ? "\\&" : "", k->value);
}

void
config_man(struct tk_buf *b)
{
	for (const struct config_key *k = config_keys; k->name != NULL; k++) {
		struct tk_buf env = TK_BUF_INIT;

		tk_buf_addf(b, ".It Cm %s\n", k->name);
		add_sentence(b, k->help);
		tk_buf_adds(b, "\n");
		man_values(b, k);
		config_env(k, &env);
		tk_buf_addf(b, "Environment:\n.Ev %s", env.s);
		if (k->env != NULL)
			tk_buf_addf(b, " ,\n.Ev %s", k->env);
		tk_buf_adds(b, " .\n");
		if (k->project)
			tk_buf_adds(b, "Projects may set it.\n");
		tk_buf_release(&env);
	}
}
