#include "chat/rules.h"

#include <fnmatch.h>

#include "base/attr.h"

/* tool, desc, first, next, prop_desc, choice, nested, array */
#define OPENAI 6, 2, 5, 3, 2, 7, -3, 1
#define CLAUDE 53, 5, 13, 12, 5, 9, 12, 13
#define GROK 32, 3, 9, 7, 3, 6, 7, 8
#define OPEN 56, 0, 14, 11, 5, 9, 10, 11
#define LLAMA 47, 1, 8, 7, 3, 5, 9, 10

static const struct chat_rule rules[] = {
	{ "*gpt-3.5-turbo-0301*", 7, 4, 10, 10, OPENAI, true, 10 },
	{ "*gpt-3.5*", 6, 3, 10, 10, OPENAI, true, 10 },
	{ "*gpt-4o*", 6, 3, 10, 10, OPENAI, true, 7 },
	{ "*chatgpt-4o*", 6, 3, 10, 10, OPENAI, true, 7 },
	{ "*gpt-4.1*", 6, 3, 10, 10, OPENAI, true, 7 },
	{ "*gpt-4.5*", 6, 3, 10, 10, OPENAI, true, 7 },
	{ "*gpt-4*", 6, 3, 10, 10, OPENAI, true, 10 },
	{ "*gpt-5-chat*", 6, 3, 10, 10, OPENAI, false, 7 },
	{ "*gpt-5*-mini*", 5, 4, 15, 15, OPENAI, false, 0 },
	{ "*gpt-5*-nano*", 5, 4, 15, 15, OPENAI, false, 0 },
	{ "*gpt-5.[1-9]*", 5, 4, 97, 97, OPENAI, false, 0 },
	{ "*gpt-5*", 5, 4, 18, 18, OPENAI, false, 0 },
	{ "*gpt-[6-9]*", 5, 4, 97, 97, OPENAI, false, 0 },
	{ "*gpt-oss*", 66, 4, 31, 31, 9, 1, 3, 3, 1, 6, 11, 9, false, 0 },
	{ "*o1*", 5, 3, 13, 13, OPENAI, false, 0 },
	{ "*o3-mini*", 5, 3, 13, 13, OPENAI, false, 0 },
	{ "*o[34]*", 5, 4, 13, 13, OPENAI, false, 0 },
	{ "*claude-opus-5*", 6, 2, 286, 406, CLAUDE, false, 0 },
	{ "*claude-sonnet-5*", 6, 2, 354, 474, CLAUDE, false, 0 },
	{ "*claude-opus-4[-.]8*", 6, 2, 290, 410, CLAUDE, false, 0 },
	{ "*claude-opus-4[-.]7*", 6, 2, 675, 804, CLAUDE, false, 0 },
	{ "*claude-*-4[-.]6*", 6, 2, 497, 589, CLAUDE, false, 0 },
	{ "*claude-*-4[-.]5*", 6, 2, 496, 588, CLAUDE, false, 0 },
	{ "*claude-opus-4*", 6, 2, 313, 315, CLAUDE, false, 0 },
	{ "*claude-sonnet-4*", 6, 2, 313, 315, CLAUDE, false, 0 },
	{ "*claude-3[-.][57]-sonnet*", 6, 2, 313, 315, CLAUDE, false, 0 },
	{ "*claude-3[-.]5-haiku*", 6, 2, 264, 340, CLAUDE, false, 0 },
	{ "*claude-3-opus*", 6, 2, 530, 281, CLAUDE, false, 0 },
	{ "*claude-3-sonnet*", 6, 2, 159, 235, CLAUDE, false, 0 },
	{ "*claude-3-haiku*", 6, 2, 264, 340, CLAUDE, false, 0 },
	{ "*claude*", 6, 2, 354, 474, CLAUDE, false, 0 },
	{ "*gemini-2.5-flash*preview-09*", 0, 0, 0, 0, 18, 0, 10, 10, -1, 5, 29,
	    29, false, 0 },
	{ "*gemini*", -1, -1, 0, 0, 0, 0, 3, 2, 0, 0, -1, 0, false, 0 },
	{ "*grok-2*", 5, 3, 72, 72, 35, 3, 8, 7, 3, 6, 9, 10, false, 0 },
	{ "*grok-3-mini*", 6, 3, 230, 230, GROK, false, 0 },
	{ "*grok-3*", 5, 3, 208, 208, GROK, false, 0 },
	{ "*grok-code*", 203, 61, 130, 130, 37, 3, 9, 7, 3, 6, 7, 8, false, 0 },
	{ "*grok-4*fast*non-reasoning*", 167, 3, 153, 153, GROK, false, 0 },
	{ "*grok-4*fast*", 155, 3, 154, 154, GROK, false, 0 },
	{ "*grok*", 683, 3, 155, 155, GROK, false, 0 },
	{ "*qwen3-coder*", 7, 4, 205, 205, 24, -1, 27, 22, 6, 12, -9, -16,
	    false, 0 },
	{ "*qwen3-max*", 7, 4, 189, 189, OPEN, false, 0 },
	{ "*qwen*", 7, 4, 82, 82, OPEN, false, 0 },
	{ "*nova*", -1, 2, 353, 353, 41, 5, 14, 11, 5, 9, 10, 11, false, 0 },
	{ "*deepseek-r1*", 4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, false, 0 },
	{ "*deepseek*", 5, 1, 78, 78, 71, 0, 14, 11, 5, 9, 10, 11, false, 0 },
	{ "*llama-4*", 34, 4, 492, 492, 40, 1, 40, 17, 6, 16, -9, -8, false,
	    0 },
	{ "*llama*", 34, 4, 126, 126, LLAMA, false, 0 },
	{ "*stral*", 2, 1, 3, 3, 57, 1, 14, 11, 5, 9, 9, 11, false, 0 },
	{ "*kimi-k2-thinking*", 6, 4, 16, 16, 17, 2, 4, 4, 3, 6, 9, 11, false,
	    0 },
	{ "*kimi*", 24, 3, 13, 13, 54, 1, 14, 11, 5, 9, 10, 11, false, 0 },
	{ "*glm-4.5-air*", 4, 3, 100, 100, 28, 1, 14, 11, 5, 9, 9, 11, false,
	    0 },
	{ "*glm*", 9, 3, 99, 99, 28, 1, 14, 11, 5, 9, 10, 11, false, 0 },
	{ "*minimax*", 40, 4, 96, 96, 51, 1, 14, 11, 5, 9, 10, 11, false, 0 },
};

/* For a model that is in no row, and for none. */
static const struct chat_rule usual[] = {
	[CHAT_COMPLETIONS] = { "", 6, 3, 10, 10, OPENAI, false, 7 },
	[CHAT_RESPONSES] = { "", 5, 4, 18, 18, OPENAI, false, 0 },
	[CHAT_ANTHROPIC] = { "", 6, 2, 354, 474, CLAUDE, false, 0 },
	[CHAT_GEMINI] = { "", -1, -1, 0, 0, 0, 0, 3, 2, 0, 0, -1, 0, false, 0 },
};

const struct chat_rule *
chat_rule_of(const char *model, enum chat_api api)
{
	for (size_t i = 0; model != NULL && i < TK_LEN(rules); i++)
		if (fnmatch(rules[i].glob, model, FNM_CASEFOLD) == 0)
			return &rules[i];
	return &usual[api];
}
