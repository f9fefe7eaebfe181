/* What every C file of this folder shares: which functions Python may call, and which are compiled twice. */

#ifndef LEADLIGHT_H
#define LEADLIGHT_H

#include <stddef.h>
#include <stdint.h>

/* A function that Python calls. Its arguments are declared once more, in functions.py, and a test compares the two. */
#if defined(_WIN32)
#define LEADLIGHT_EXPORT __declspec(dllexport)
#else
#define LEADLIGHT_EXPORT __attribute__((visibility("default")))
#endif

/* A hot function: compiled for AVX2 and for any processor of the platform, chosen when the library is loaded. Both give
   the same bits, since the build allows neither fused multiplication nor another order of additions. */
#if !defined(LEADLIGHT_PLAIN) && defined(__x86_64__) && defined(__ELF__) && defined(__GLIBC__) && \
    ((defined(__clang__) && __clang_major__ >= 14) || (!defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 6))
#define LEADLIGHT_HOT __attribute__((target_clones("avx2", "default")))
#else
#define LEADLIGHT_HOT
#endif

/* A part of hot functions, compiled with each of them. */
#if defined(__GNUC__)
#define LEADLIGHT_INLINE static inline __attribute__((always_inline))
#else
#define LEADLIGHT_INLINE static inline
#endif

#endif
