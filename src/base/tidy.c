#include "base/mem.h"

/* Alone in its file, so that a test can link all else as it is. */
#ifndef TK_TIDY
#define TK_TIDY 0
#endif

const bool tk_tidy = TK_TIDY;
