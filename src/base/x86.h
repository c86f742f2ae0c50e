#ifndef BASE_X86_H
#define BASE_X86_H

/*
 * TK_X86_HAS(AVX2): can this processor do it?  Answered by the C library,
 * which asked when the process started.  To ask again (cpuid, the built-ins
 * of the compiler, which do so in every process before main()) takes 10 us a
 * question under a hypervisor, longer than all else of a short command's
 * start.  Not defined where the C library has no answer: then ask.
 */
#include <stdint.h> /* which C library this is */

#if defined(__x86_64__) && defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 35)
#include <sys/platform/x86.h>
#define TK_X86_HAS(feature) CPU_FEATURE_ACTIVE(feature)
#endif
#endif

#endif
