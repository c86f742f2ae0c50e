/* The parts of man pages that the option tables know best, in mdoc. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "cli/gen.h"

/* Text that is no macro and no escape. */
static void
add_text(struct tk_buf *b, const char *s, size_t len)
{
	if (len > 0 && (s[0] == '.' || s[0] == '\''))
		tk_buf_adds(b, "\\&");
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\\')
			tk_buf_adds(b, "\\e");
		else
			tk_buf_add(b, s + i, 1);
	}
}

/* An argument of a macro; short words with a capital might be macros. */
static void
add_arg(struct tk_buf *b, const char *s, size_t len)
{
	if (len > 0 && len <= 3 && isupper((unsigned char)s[0]))
		tk_buf_adds(b, "\\&");
	add_text(b, s, len);
}

void
gen_man_sentence(const char *text, struct tk_buf *b)
{
	size_t len = strlen(text);
	char first = (char)toupper((unsigned char)text[0]);

	if (len == 0)
		return;
	add_text(b, &first, 1);
	add_text(b, text + 1, len - 1);
	tk_buf_adds(b, strchr(".?!", text[len - 1]) != NULL ? "\n" : ".\n");
}

static void
add_value(const struct opt *o, struct tk_buf *b)
{
	if (o->arg == NULL)
		return;
	tk_buf_adds(b, " Ar ");
	add_arg(b, o->arg, strlen(o->arg));
}

static void
synopsis_line(const struct opt *o, struct tk_buf *b)
{
	if (o->letter != 0)
		tk_buf_addf(b, ".Op Fl %c", o->letter);
	else
		tk_buf_addf(b, ".Op Fl Fl %s", o->name);
	add_value(o, b);
	tk_buf_adds(b, "\n");
}

/* "[PATH...]" is ".Op Ar PATH ...", "FILE" is ".Ar FILE". */
static void
add_operand(struct tk_buf *b, const char *s, size_t len)
{
	bool optional = len > 2 && s[0] == '[' && s[len - 1] == ']';
	bool many;

	if (optional) {
		s++;
		len -= 2;
	}
	many = len > 3 && strncmp(s + len - 3, "...", 3) == 0;
	if (many)
		len -= 3;
	tk_buf_adds(b, optional ? ".Op Ar " : ".Ar ");
	add_arg(b, s, len);
	tk_buf_adds(b, many ? " ...\n" : "\n");
}

void
gen_man_synopsis(const char *words, const struct opt *opts,
    const char *operands, struct tk_buf *b)
{
	bool groups = false;

	tk_buf_addf(b, ".Nm %s\n", words);
	for (const struct opt *o = opts; o->type != OPT_T_END; o++) {
		if (o->type == OPT_T_GROUP)
			groups = true;
		else
			synopsis_line(o, b);
	}
	if (groups)
		tk_buf_adds(b, ".Op Ar options\n");
	for (const char *s = operands; s != NULL && *s != '\0';) {
		size_t len = strcspn(s, " ");

		if (len > 0)
			add_operand(b, s, len);
		s += len;
		s += strspn(s, " ");
	}
}

static int
list_item(const struct opt *o, void *data)
{
	struct tk_buf *b = data;
	struct tk_buf help = TK_BUF_INIT;

	tk_buf_adds(b, ".It");
	if (o->letter != 0)
		tk_buf_addf(b, " Fl %c ,", o->letter);
	tk_buf_addf(b, " Fl Fl %s", o->name);
	add_value(o, b);
	tk_buf_adds(b, "\n");
	tk_buf_adds(&help, o->help);
	if (o->type == OPT_T_CHOICE) {
		tk_buf_adds(&help, ": ");
		opt_choices(o, ", ", &help);
	}
	gen_man_sentence(help.s, b);
	tk_buf_release(&help);
	return 0;
}

void
gen_man_list(const struct opt *opts, struct tk_buf *b)
{
	bool any = false;

	for (const struct opt *o = opts; o->type != OPT_T_END; o++) {
		if (o->type == OPT_T_GROUP)
			continue;
		if (!any)
			tk_buf_adds(b, ".Bl -tag -width Ds\n");
		any = true;
		list_item(o, b);
	}
	if (any)
		tk_buf_adds(b, ".El\n");
}

void
gen_man_items(const struct opt *opts, struct tk_buf *b)
{
	opt_walk(opts, list_item, b);
}
