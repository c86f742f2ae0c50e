/* Dates that are words, such as "yesterday" and "last-month": when_int.h. */
#include "base/when_int.h"

#include <string.h>

#include "base/attr.h"
#include "base/suggest.h"

/* What words stand for; "this" is 0 and "last" is -1. */
enum thing { NOW, START, DAY, WEEKDAY, WEEK, MONTH, QUARTER, YEAR };

static const struct word {
	const char *name;
	enum thing thing;
	int n;
} words[] = {
	{ "now", NOW, 0 },
	{ "today", DAY, 0 },
	{ "yesterday", DAY, -1 },
	{ "mon", WEEKDAY, 0 },
	{ "tue", WEEKDAY, 1 },
	{ "wed", WEEKDAY, 2 },
	{ "thu", WEEKDAY, 3 },
	{ "fri", WEEKDAY, 4 },
	{ "sat", WEEKDAY, 5 },
	{ "sun", WEEKDAY, 6 },
	{ "monday", WEEKDAY, 0 },
	{ "tuesday", WEEKDAY, 1 },
	{ "wednesday", WEEKDAY, 2 },
	{ "thursday", WEEKDAY, 3 },
	{ "friday", WEEKDAY, 4 },
	{ "saturday", WEEKDAY, 5 },
	{ "sunday", WEEKDAY, 6 },
	{ "this-day", DAY, 0 },
	{ "this-week", WEEK, 0 },
	{ "this-month", MONTH, 0 },
	{ "this-quarter", QUARTER, 0 },
	{ "this-year", YEAR, 0 },
	{ "last-day", DAY, -1 },
	{ "last-week", WEEK, -1 },
	{ "last-month", MONTH, -1 },
	{ "last-quarter", QUARTER, -1 },
	{ "last-year", YEAR, -1 },
	{ "mtd", MONTH, 0 },
	{ "ytd", YEAR, 0 },
	{ "start", START, 0 },
};

static void
set_word(struct tk_when *w, const struct tk_when_text *t,
    const struct word *word)
{
	int32_t day = tk_when_today(t), month = tk_day_month(day);

	switch (word->thing) {
	case NOW:
		tk_when_moment(w, t->clock->now);
		break;
	case START:
		tk_when_moment(w, TK_TIME_MIN);
		break;
	case DAY:
		day += word->n;
		tk_when_days(w, t, TK_WHEN_WORD, day, day + 1);
		break;
	case WEEKDAY:
		day -= (tk_day_weekday(day) + 7 - word->n) % 7;
		tk_when_days(w, t, TK_WHEN_WORD, day, day + 1);
		break;
	case WEEK:
		day = tk_day_week(day, t->clock->week_start) + 7 * word->n;
		tk_when_days(w, t, TK_WHEN_WORD, day, day + 7);
		break;
	case MONTH:
		tk_when_months(w, t, TK_WHEN_WORD, month + word->n, 1);
		break;
	case QUARTER:
		tk_when_months(w, t, TK_WHEN_WORD,
		    month - month % 3 + 3 * word->n, 3);
		break;
	case YEAR:
		tk_when_months(w, t, TK_WHEN_WORD,
		    month - month % 12 + 12 * word->n, 12);
		break;
	}
}

int
tk_when_word(const struct tk_when_text *t, struct tk_when *w,
    struct tk_err *err)
{
	char name[sizeof(t->s)];

	(void)err;
	memcpy(name, t->s, sizeof(name));
	for (char *s = name; *s != '\0'; s++)
		if (*s == ' ')
			*s = '-';
	for (size_t i = 0; i < TK_LEN(words); i++) {
		if (strcmp(name, words[i].name) == 0) {
			set_word(w, t, &words[i]);
			return 1;
		}
	}
	return 0;
}

void
tk_when_suggest(const char *typed, struct tk_buf *guess)
{
	struct tk_suggest near;

	tk_suggest_init(&near, typed);
	for (size_t i = 0; i < TK_LEN(words); i++)
		tk_suggest_offer(&near, words[i].name);
	/* Days are called by their first three letters. */
	for (size_t i = 0; i < near.n; i++) {
		size_t len = strlen(near.word[i]);

		if (len > 5 && strcmp(near.word[i] + len - 3, "day") == 0 &&
		    strchr("mtwfs", near.word[i][0]) != NULL &&
		    strchr(near.word[i], '-') == NULL)
			near.word[i][3] = '\0';
	}
	tk_suggest_add(&near, guess);
}
