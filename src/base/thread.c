#include "base/thread.h"

#include <signal.h>

bool
tk_thread_start(pthread_t *id, void *(*fn)(void *), void *data)
{
	sigset_t all, before;
	bool started;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	started = pthread_create(id, NULL, fn, data) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return started;
}
