/* A machine for tables of operations on planes and columns.

   Why this exists: one binary works out any program; no compiler is needed where a policy runs. All operations of a table
   are done on a few thousand elements before the next few thousand, so that what lies between stays in the cache.

   Invariants: a plane has 64 elements a word, element i is bit i % 64 of word i / 64; every array has whole words of
   elements to read or to write; a target is none of the arguments; every variant gives the same bytes; nothing is kept
   between calls.

   The file includes itself once for each instruction set: the part behind BODY is what they differ in. */
#ifndef BODY
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define X86 1
#include <cpuid.h>
#include <immintrin.h>
#else
#define X86 0
#endif

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif
#define INLINE static inline __attribute__((always_inline))

typedef uint64_t word;
/* Without more alignment than a word has, and whatever else they are. */
typedef word eight_words __attribute__((vector_size(64), aligned(8), may_alias));

/* One operation; `type`: 0 to 3, of elements of 1, 2, 4, 8 bytes; `flip`: the result of a test turned over. */
typedef struct {
    int64_t op, type, target, a, b, c, flip, x, y;
} operation;

/* What operations name: `step`: bytes for 64 elements, 0 where the same 64 stand for all; `local`: lives only from one
   operation to the next of the same elements. */
typedef struct {
    char *base;
    int64_t step, local;
} slot;

enum {
    ALL,                               /* whether all of x planes are set; at b: of each its slot, and whether it is turned over */
    FILL,                              /* all of flip */
    EQUAL, GREATER,                    /* a, b; where x is not 0, of 4 or 8 bytes: x times a, y times b */
    BETWEEN,                           /* b <= a <= c */
    AMONG,                             /* a among the constants b to b + x - 1 */
    IN_TABLE,                          /* bytes at b, for a from x on, y of them; outside the first or the last */
    MEETS,                             /* a & b is not 0 */
    LOOK_UP,                           /* int32 at b, as IN_TABLE */
    CHOOSE,                            /* b where plane a, else c */
    ADD, SUBTRACT, MULTIPLY, LEAST, GREATEST,
    POSITIVE,                          /* without sign, 1 for 0 */
    SIGNED,                            /* a, turned over where b < 0 */
    CONVERT,                           /* a of type x to type */
    WEIGH,                             /* of 1 or 4 bytes: the sum of the weights of those of x planes that are set; at b: of
                                          each its slot and its weight */
    OPERATIONS
};

/* Rows and what they belong to; beside each what is given, in this order. `starts`: where the rows of each of `count`
   elements begin, and the last end; `places`: of each of `count` elements the one it takes from (of the last two 0: its own); types as above. */
enum {
    SOME,                              /* out, count, starts, bits, ends, held: as ENDS gives them, or 0 */
    ROW_COUNT,                         /* out (int32), count, starts, bits */
    ROW_SUM, ROW_LEAST, ROW_GREATEST,  /* out, count, starts, bits, numbers, type, type of out */
    SPREAD,                            /* out, count, places, bits, ends, held: as ENDS gives them where each row takes from
                                          what it belongs to, or 0 */
    SPREAD_NUMBER,                     /* out, count, places, numbers, type, type of out */
    SET_BITS,                          /* out, count, starts, codes, type, type of out */
    SAME_CODE,                         /* out, count, places, codes, type, places, codes, type, mapping, its place for -1 */
    SETS_MEET,                         /* out, count, places, starts, codes, type, places, starts, codes, type, mapping */
    GROUP,                             /* out, count, keys: codes, type, what is added, factor; how many, planes: plane,
                                          weight; how many, int32: how often each number comes, type of out: 1 (without
                                          sign) or 2 */
    TELL,                              /* 0, count, numbers, of each number a byte, planes: of each bit of it; how many, type
                                          of numbers: 1 (without sign) or 2 */
    FINDING_COUNT,                     /* out (int64), count, first record, findings, how many */
    ENDS,                              /* out: which rows are the last of theirs, count, starts (from 0 on), out: who has rows */
    FINDINGS                           /* codes, count, first record, findings, how many, type of codes, records, rows, days,
                                          paths, of each path whether it is there, room for 256 words for each 64 findings,
                                          how many records stand above */
};

/* Findings of one name: `there`: of which elements, `status`: digits of how they stand, 0: of none but what `code` has; of
   rows, where those of each record begin; of each element its row and what its path is called (0: its own, by its place
   among those of its record), from `path` on; the day, where it is known (0: everywhere), `day` where it is the same; so many rows of the table stand `above`. */
typedef struct {
    const word *there, *status[3];
    const int64_t *starts, *rows;
    const int32_t *paths;
    const word *known;
    const int32_t *days;
    int64_t code, path, day, above;
} finding;

#define FORMAT 4

INLINE int64_t at(const char *array, int64_t type, int64_t i)
{
    switch (type) {
    case 0: return ((const int8_t *)array)[i];
    case 1: return ((const int16_t *)array)[i];
    case 2: return ((const int32_t *)array)[i];
    default: return ((const int64_t *)array)[i];
    }
}

INLINE void put(char *out, int64_t type, int64_t i, int64_t value)
{
    switch (type) {
    case 0: ((int8_t *)out)[i] = (int8_t)value; break;
    case 1: ((int16_t *)out)[i] = (int16_t)value; break;
    case 2: ((int32_t *)out)[i] = (int32_t)value; break;
    default: ((int64_t *)out)[i] = value;
    }
}

INLINE int counted_plainly(word x)
{
    x -= x >> 1 & 0x5555555555555555ull;
    x = (x & 0x3333333333333333ull) + (x >> 2 & 0x3333333333333333ull);
    return (int)(((x + (x >> 4)) & 0x0f0f0f0f0f0f0f0full) * 0x0101010101010101ull >> 56);
}

/* A bit of a plane. */
INLINE word bit(const word *bits, int64_t i)
{
    return bits[i >> 6] >> (i & 63) & 1;
}

/* The place of a value in a table of `length` from `first` on. */
INLINE word within_table(int64_t value, int64_t first, int64_t length)
{
    word place = value < first ? 0 : (word)value - (word)first;
    return place < (word)length ? place : (word)length - 1;
}

/* 64 bytes that are 0 or 1. */
INLINE word packed(const uint8_t *t)
{
    word found = 0;
    for (int i = 0; i < 8; i++) {
        word eight;
        memcpy(&eight, t + 8 * i, 8);
        found |= (eight * 0x0102040810204080ull >> 56) << (8 * i);
    }
    return found;
}

/* What is read by the next words: which line of which slot comes near next. */
typedef struct {
    const slot *of;
    const char *at, *end;
    int64_t slot, slots, start, count, each;
} ahead;

static void next_slot(ahead *next)
{
    while (++next->slot < next->slots) {
        const slot *own = next->of + next->slot;
        if (!own->local && own->step) {
            next->at = own->base + own->step * next->start;
            next->end = next->at + own->step * next->count;
            return;
        }
    }
}

/* 64 words of 64 bits, turned over their diagonal. */
static void turned(word *a)
{
    word low = 0x00000000ffffffffull;
    for (int step = 32; step; step >>= 1, low ^= low << step)
        for (int begin = 0; begin < 64; begin += 2 * step)
            for (int i = begin; i < begin + step; i++) {
                word other = ((a[i] >> step) ^ a[i + step]) & low;
                a[i] ^= other << step;
                a[i + step] ^= other;
            }
}

/* The bits of a plane from `first` to before `last`, those in word `i`. */
INLINE word part_of(const word *bits, int64_t i, int64_t first, int64_t last)
{
    word found = bits ? bits[i] : ~(word)0;
    if (i == first >> 6)
        found &= ~(word)0 << (first & 63);
    if (i == last >> 6)
        found &= ((word)1 << (last & 63)) - 1;
    return found;
}

static const int8_t bits_of_bytes[8][64] = {
#define SAME8(x) x, x, x, x, x, x, x, x
#define SAME64(x) {SAME8(x), SAME8(x), SAME8(x), SAME8(x), SAME8(x), SAME8(x), SAME8(x), SAME8(x)}
    SAME64(1), SAME64(2), SAME64(4), SAME64(8), SAME64(16), SAME64(32), SAME64(64), SAME64(-128)};

#define BODY portable
#define LEVEL 0
#include "kernel.c"
#undef BODY
#undef LEVEL

#if X86
#define BODY sse2
#define LEVEL 1
#include "kernel.c"
#undef BODY
#undef LEVEL

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt")
#endif
#define BODY avx2
#define LEVEL 2
#include "kernel.c"
#undef BODY
#undef LEVEL
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,popcnt,avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512")
#endif
#define BODY avx512
#define LEVEL 3
#include "kernel.c"
#undef BODY
#undef LEVEL
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
#endif

EXPORT int64_t policyrules_kernel_format(void)
{
    return FORMAT;
}

/* The best variant that this processor has: 0 portable, 1 SSE2, 2 AVX2, 3 AVX-512. */
EXPORT int64_t policyrules_kernel_variant(void)
{
#if X86
    /* Asked of the processor itself: not every compiler brings what __builtin_cpu_supports needs. */
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || ~c & (1u << 27 | 1u << 28 | 1u << 23))
        return 1;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    const unsigned avx2 = 1u << 3 | 1u << 5 | 1u << 8, avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    if ((low & 0x06) != 0x06 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || ~b & avx2)
        return 1;
    return (low & 0xe6) == 0xe6 && !(~b & avx512) ? 3 : 2;
#else
    return 0;
#endif
}

/* Words `first` to `last` of a table, `width` of them at a time. `now`: room for a pointer a slot. 0, or what went wrong. */
EXPORT int64_t policyrules_kernel_run(int64_t variant, const operation *code, int64_t count, const slot *slots,
                                      int64_t slot_count, char **now, int64_t first, int64_t last, int64_t width)
{
    if (width <= 0)
        return 2;
    for (int64_t start = first; start < last; start += width) {
        int64_t m = last - start < width ? last - start : width, wrong, lines = 0;
        const int64_t after = last - start - m;
        ahead next = {slots, 0, 0, -1, slot_count, start + m, after < width ? after : width, 0};
        for (int64_t i = 0; i < slot_count; i++)
            lines += slots[i].local ? 0 : slots[i].step * next.count / 64;
        next.each = count ? (lines + count - 1) / count : 0;
        next_slot(&next);
        for (int64_t i = 0; i < slot_count; i++)
            now[i] = slots[i].base + (slots[i].local ? 0 : slots[i].step * start);
        switch (variant) {
        case 0: wrong = run_portable(code, count, slots, now, m, &next); break;
#if X86
        case 1: wrong = run_sse2(code, count, slots, now, m, &next); break;
        case 2: wrong = run_avx2(code, count, slots, now, m, &next); break;
        case 3: wrong = run_avx512(code, count, slots, now, m, &next); break;
#endif
        default: return 3;
        }
        if (wrong)
            return wrong;
    }
    return 0;
}

/* Gives 0, or what went wrong. */
EXPORT int64_t policyrules_kernel_rows(int64_t variant, int64_t op, const int64_t *given)
{
    switch (variant) {
    case 0: return rows_portable(op, given);
#if X86
    case 1: return rows_sse2(op, given);
    case 2: return rows_avx2(op, given);
    case 3: return rows_avx512(op, given);
#endif
    default: return 3;
    }
}

#else /* ---- what instruction sets differ in ----------------------------------------------------------------------- */

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define OWN(name) JOIN(name, BODY)

#define PLAIN(NAME, T, TEST)                                                                                               \
    INLINE word OWN(NAME)(const T *a, const T *b)                                                                          \
    {                                                                                                                      \
        uint8_t t[64];                                                                                                     \
        for (int i = 0; i < 64; i++)                                                                                       \
            t[i] = (uint8_t)(TEST);                                                                                        \
        return packed(t);                                                                                                  \
    }

#if LEVEL == 3
#define WIDE(NAME, T, LANES, TEST)                                                                                         \
    INLINE word OWN(NAME)(const T *a, const T *b)                                                                          \
    {                                                                                                                      \
        word found = 0;                                                                                                    \
        _Pragma("GCC unroll 8") for (int i = 0; i < 64; i += LANES)                                                        \
            found |= (word)TEST(_mm512_loadu_si512(a + i), _mm512_loadu_si512(b + i)) << (i & 63);                         \
        return found;                                                                                                      \
    }
WIDE(eq0, int8_t, 64, _mm512_cmpeq_epi8_mask)
WIDE(eq1, int16_t, 32, _mm512_cmpeq_epi16_mask)
WIDE(eq2, int32_t, 16, _mm512_cmpeq_epi32_mask)
WIDE(eq3, int64_t, 8, _mm512_cmpeq_epi64_mask)
WIDE(gt0, int8_t, 64, _mm512_cmpgt_epi8_mask)
WIDE(gt1, int16_t, 32, _mm512_cmpgt_epi16_mask)
WIDE(gt2, int32_t, 16, _mm512_cmpgt_epi32_mask)
WIDE(gt3, int64_t, 8, _mm512_cmpgt_epi64_mask)
WIDE(ts0, int8_t, 64, _mm512_test_epi8_mask)
WIDE(ts1, int16_t, 32, _mm512_test_epi16_mask)
WIDE(ts2, int32_t, 16, _mm512_test_epi32_mask)
WIDE(ts3, int64_t, 8, _mm512_test_epi64_mask)
#undef WIDE
#elif LEVEL == 2 || LEVEL == 1
#if LEVEL == 2
#define V __m256i
#define LOAD(p) _mm256_loadu_si256((const __m256i *)(p))
#define F(name) _mm256_##name
#define BYTES 32
#define MOVED(x) ((word)(uint32_t)_mm256_movemask_epi8(x))
/* The halves of two registers come out interleaved. */
#define BOTH(x, y) _mm256_permute4x64_epi64(_mm256_packs_epi16(x, y), 0xD8)
#define MOVED4(x) ((word)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(x)))
#define MOVED8(x) ((word)(uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(x)))
#else
#define V __m128i
#define LOAD(p) _mm_loadu_si128((const __m128i *)(p))
#define F(name) _mm_##name
#define BYTES 16
#define MOVED(x) ((word)(uint32_t)_mm_movemask_epi8(x))
#define BOTH(x, y) _mm_packs_epi16(x, y)
#define MOVED4(x) ((word)(uint32_t)_mm_movemask_ps(_mm_castsi128_ps(x)))
#endif
#define TEST0(NAME, OP)                                                                                                    \
    INLINE word OWN(NAME)(const int8_t *a, const int8_t *b)                                                                \
    {                                                                                                                      \
        word found = 0;                                                                                                    \
        for (int i = 0; i < 64; i += BYTES)                                                                                \
            found |= MOVED(OP(LOAD(a + i), LOAD(b + i))) << i;                                                             \
        return found;                                                                                                      \
    }
#define TEST1(NAME, OP)                                                                                                    \
    INLINE word OWN(NAME)(const int16_t *a, const int16_t *b)                                                              \
    {                                                                                                                      \
        word found = 0;                                                                                                    \
        for (int i = 0; i < 64; i += BYTES)                                                                                \
            found |= MOVED(BOTH(OP(LOAD(a + i), LOAD(b + i)), OP(LOAD(a + i + BYTES / 2), LOAD(b + i + BYTES / 2)))) << i; \
        return found;                                                                                                      \
    }
#define TEST2(NAME, OP)                                                                                                    \
    INLINE word OWN(NAME)(const int32_t *a, const int32_t *b)                                                              \
    {                                                                                                                      \
        word found = 0;                                                                                                    \
        for (int i = 0; i < 64; i += BYTES / 4)                                                                            \
            found |= MOVED4(OP(LOAD(a + i), LOAD(b + i))) << i;                                                            \
        return found;                                                                                                      \
    }
TEST0(eq0, F(cmpeq_epi8))
TEST0(gt0, F(cmpgt_epi8))
TEST1(eq1, F(cmpeq_epi16))
TEST1(gt1, F(cmpgt_epi16))
TEST2(eq2, F(cmpeq_epi32))
TEST2(gt2, F(cmpgt_epi32))
#if LEVEL == 2
#define TEST3(NAME, OP)                                                                                                    \
    INLINE word OWN(NAME)(const int64_t *a, const int64_t *b)                                                              \
    {                                                                                                                      \
        word found = 0;                                                                                                    \
        for (int i = 0; i < 64; i += 4)                                                                                    \
            found |= MOVED8(OP(LOAD(a + i), LOAD(b + i))) << i;                                                            \
        return found;                                                                                                      \
    }
TEST3(eq3, _mm256_cmpeq_epi64)
TEST3(gt3, _mm256_cmpgt_epi64)
#undef TEST3
#undef MOVED8
#else
PLAIN(eq3, int64_t, a[i] == b[i])
PLAIN(gt3, int64_t, a[i] > b[i])
#endif
#undef V
#undef LOAD
#undef F
#undef BYTES
#undef MOVED
#undef BOTH
#undef MOVED4
#undef TEST0
#undef TEST1
#undef TEST2
#else
PLAIN(eq0, int8_t, a[i] == b[i])
PLAIN(eq1, int16_t, a[i] == b[i])
PLAIN(eq2, int32_t, a[i] == b[i])
PLAIN(eq3, int64_t, a[i] == b[i])
PLAIN(gt0, int8_t, a[i] > b[i])
PLAIN(gt1, int16_t, a[i] > b[i])
PLAIN(gt2, int32_t, a[i] > b[i])
PLAIN(gt3, int64_t, a[i] > b[i])
#endif
#if LEVEL != 3
PLAIN(ts0, int8_t, (a[i] & b[i]) != 0)
PLAIN(ts1, int16_t, (a[i] & b[i]) != 0)
PLAIN(ts2, int32_t, (a[i] & b[i]) != 0)
PLAIN(ts3, int64_t, (a[i] & b[i]) != 0)
#endif
#undef PLAIN

/* `yes` where the bit is set. */
INLINE void OWN(choose2)(word bits, const int32_t *yes, const int32_t *no, int32_t *restrict out)
{
#if LEVEL == 3
    _Pragma("GCC unroll 4") for (int i = 0; i < 64; i += 16)
        _mm512_storeu_si512(out + i, _mm512_mask_blend_epi32((__mmask16)(bits >> i), _mm512_loadu_si512(no + i),
                                                             _mm512_loadu_si512(yes + i)));
#elif LEVEL == 2
    const __m256i lanes = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    for (int i = 0; i < 64; i += 8) {
        __m256i set = _mm256_and_si256(_mm256_set1_epi32((int)(bits >> i & 255)), lanes);
        __m256i a = _mm256_loadu_si256((const __m256i *)(yes + i)), b = _mm256_loadu_si256((const __m256i *)(no + i));
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_blendv_epi8(b, a, _mm256_cmpeq_epi32(set, lanes)));
    }
#else
    for (int i = 0; i < 64; i++)
        out[i] = no[i] ^ ((yes[i] ^ no[i]) & -(int32_t)(bits >> i & 1));
#endif
}

INLINE void OWN(choose3)(word bits, const int64_t *yes, const int64_t *no, int64_t *restrict out)
{
#if LEVEL == 3
    _Pragma("GCC unroll 8") for (int i = 0; i < 64; i += 8)
        _mm512_storeu_si512(out + i, _mm512_mask_blend_epi64((__mmask8)(bits >> i), _mm512_loadu_si512(no + i),
                                                             _mm512_loadu_si512(yes + i)));
#else
    for (int i = 0; i < 64; i++)
        out[i] = no[i] ^ ((yes[i] ^ no[i]) & -(int64_t)(bits >> i & 1));
#endif
}

#define EACH for (int64_t j = 0; j < m; j++)
#define PART(T, name) ((const T *)(name + j * name##_step))
#define TIMES(T, U, name, factor)                                                                                          \
    const T *name##_own = PART(T, name);                                                                                   \
    T name##_times[64];                                                                                                    \
    if ((factor) != 1) {                                                                                                   \
        for (int i = 0; i < 64; i++)                                                                                       \
            name##_times[i] = (T)((U)name##_own[i] * (U)(factor));                                                         \
        name##_own = name##_times;                                                                                         \
    }
#define TESTS(TEST)                                                                                                        \
    if (one.x && one.type == 2) {                                                                                          \
        EACH { TIMES(int32_t, uint32_t, a, one.x) TIMES(int32_t, uint32_t, b, one.y) d[j] = OWN(TEST##2)(a_own, b_own) ^ flip; } \
        break;                                                                                                             \
    }                                                                                                                      \
    if (one.x && one.type == 3) {                                                                                          \
        EACH { TIMES(int64_t, uint64_t, a, one.x) TIMES(int64_t, uint64_t, b, one.y) d[j] = OWN(TEST##3)(a_own, b_own) ^ flip; } \
        break;                                                                                                             \
    }                                                                                                                      \
    switch (one.type) {                                                                                                    \
    case 0: EACH d[j] = OWN(TEST##0)(PART(int8_t, a), PART(int8_t, b)) ^ flip; break;                                      \
    case 1: EACH d[j] = OWN(TEST##1)(PART(int16_t, a), PART(int16_t, b)) ^ flip; break;                                    \
    case 2: EACH d[j] = OWN(TEST##2)(PART(int32_t, a), PART(int32_t, b)) ^ flip; break;                                    \
    default: EACH d[j] = OWN(TEST##3)(PART(int64_t, a), PART(int64_t, b)) ^ flip;                                          \
    }                                                                                                                      \
    break;
#define CALCULATED(T, U, HOW)                                                                                              \
    EACH {                                                                                                                 \
        const T *p = PART(T, a), *q = PART(T, b);                                                                          \
        T *restrict r = (T *)target + 64 * j;                                                                              \
        for (int i = 0; i < 64; i++)                                                                                       \
            r[i] = (T)(HOW);                                                                                               \
        (void)q;                                                                                                           \
    }
#define NUMBERS(HOW2, HOW3)                                                                                                \
    if (one.type == 2) {                                                                                                   \
        CALCULATED(int32_t, uint32_t, HOW2)                                                                                \
    } else {                                                                                                               \
        CALCULATED(int64_t, uint64_t, HOW3)                                                                                \
    }                                                                                                                      \
    break;
#define CONVERTED(FROM, TO)                                                                                                \
    EACH {                                                                                                                 \
        const FROM *p = PART(FROM, a);                                                                                     \
        TO *restrict r = (TO *)target + 64 * j;                                                                            \
        for (int i = 0; i < 64; i++)                                                                                       \
            r[i] = (TO)p[i];                                                                                               \
    }                                                                                                                      \
    break;

#define BITS(k, j) (((const word *)now[given[2 * (k)]])[j])

/* A few planes at a time; what is turned over is turned by a word of ones. Eight words at a time, and then one. */
static void OWN(all)(const int64_t *given, int64_t count, char *const *now, word *d, int64_t m, word flip)
{
#define ONE(k) const word *own##k = (const word *)now[given[2 * (k)]], turn##k = (word)given[2 * (k) + 1];
#define SET(k, T) (*(const T *)(own##k + j) ^ turn##k)
#define SO_FAR(T) (*(const T *)(d + j))
#define PUT_ALL(HOW)                                                                                                       \
    {                                                                                                                      \
        int64_t j = 0;                                                                                                     \
        for (; j + 8 <= m; j += 8)                                                                                         \
            *(eight_words *)(d + j) = (HOW(eight_words)) ^ last;                                                           \
        for (; j < m; j++)                                                                                                 \
            d[j] = (HOW(word)) ^ last;                                                                                     \
        break;                                                                                                             \
    }
#define ALL1(T) SET(0, T)
#define ALL2(T) SET(0, T) & SET(1, T)
#define ALL3(T) SET(0, T) & SET(1, T) & SET(2, T)
#define ALL4(T) SET(0, T) & SET(1, T) & SET(2, T) & SET(3, T)
#define MORE1(T) SO_FAR(T) & SET(0, T)
#define MORE2(T) SO_FAR(T) & SET(0, T) & SET(1, T)
#define MORE3(T) SO_FAR(T) & SET(0, T) & SET(1, T) & SET(2, T)
    word last = count > 4 ? 0 : flip;
    switch (count) {
    case 1: { ONE(0) PUT_ALL(ALL1) }
    case 2: { ONE(0) ONE(1) PUT_ALL(ALL2) }
    case 3: { ONE(0) ONE(1) ONE(2) PUT_ALL(ALL3) }
    default: { ONE(0) ONE(1) ONE(2) ONE(3) PUT_ALL(ALL4) }
    }
    for (given += 8, count -= 4; count > 0; given += 6, count -= 3) {
        last = count > 3 ? 0 : flip;
        switch (count) {
        case 1: { ONE(0) PUT_ALL(MORE1) }
        case 2: { ONE(0) ONE(1) PUT_ALL(MORE2) }
        default: { ONE(0) ONE(1) ONE(2) PUT_ALL(MORE3) }
        }
    }
#undef ONE
#undef SET
#undef SO_FAR
#undef PUT_ALL
#undef ALL1
#undef ALL2
#undef ALL3
#undef ALL4
#undef MORE1
#undef MORE2
#undef MORE3
}

static void OWN(weigh0)(const int64_t *given, int64_t count, char *const *now, uint8_t *restrict out, int64_t m)
{
    int64_t j = 0;
#if LEVEL == 3
    for (; j + 4 <= m; j += 4) {
        __m512i sum[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
        for (int64_t k = 0; k < count; k++) {
            const __m512i weight = _mm512_set1_epi8((char)given[2 * k + 1]);
            const word *bits = (const word *)now[given[2 * k]] + j;
            for (int i = 0; i < 4; i++)
                sum[i] = _mm512_mask_add_epi8(sum[i], (__mmask64)bits[i], sum[i], weight);
        }
        for (int i = 0; i < 4; i++)
            _mm512_storeu_si512(out + 64 * (j + i), sum[i]);
    }
#endif
    for (; j < m; j++) {
        word sum[8] = {0};
        for (int64_t k = 0; k < count; k++) {
            const word bits = BITS(k, j), weight = (word)(uint8_t)given[2 * k + 1];
            for (int i = 0; i < 8; i++) {
                /* Each of eight bytes has its own bit, then 1 where that was set. */
                word eight = (bits >> 8 * i & 0xff) * 0x0101010101010101ull & 0x8040201008040201ull;
                eight = (eight + 0x7f7f7f7f7f7f7f7full) >> 7 & 0x0101010101010101ull;
                /* Bytes are added each by itself. */
                const word add = eight * weight, high = 0x8080808080808080ull;
                sum[i] = ((sum[i] & ~high) + (add & ~high)) ^ ((sum[i] ^ add) & high);
            }
        }
        memcpy(out + 64 * j, sum, 64);
    }
}

INLINE void OWN(count2)(word bits, int32_t more, const int32_t *p, int32_t *r)
{
#if LEVEL == 3
    _Pragma("GCC unroll 4") for (int i = 0; i < 64; i += 16)
    {
        __m512i own = _mm512_loadu_si512(p + i);
        own = _mm512_mask_add_epi32(own, (__mmask16)(bits >> i), own, _mm512_set1_epi32(more));
        _mm512_storeu_si512(r + i, own);
    }
#else
    for (int i = 0; i < 64; i++)
        r[i] = (int32_t)((uint32_t)p[i] + ((uint32_t)(bits >> i & 1) * (uint32_t)more));
#endif
}

static void OWN(weigh2)(const int64_t *given, int64_t count, char *const *now, int32_t *out, int64_t m)
{
    for (int64_t j = 0; j < m; j++) {
        int32_t sum[64] = {0};
        for (int64_t k = 0; k < count; k++)
            OWN(count2)(BITS(k, j), (int32_t)given[2 * k + 1], sum, sum);
        memcpy(out + 64 * j, sum, sizeof sum);
    }
}

static int64_t OWN(run)(const operation *code, int64_t count, const slot *slots, char **now, int64_t m, ahead *next)
{
    for (int64_t number = 0; number < count; number++) {
        for (int64_t lines = next->each; lines > 0 && next->slot < next->slots;) {
            /* Columns that are read next come near meanwhile, a few lines for each operation. */
            if (next->at >= next->end) {
                next_slot(next);
                continue;
            }
            __builtin_prefetch(next->at, 0, 2);
            next->at += 64;
            lines--;
        }
        const operation one = code[number];
        char *target = now[one.target];
        const char *a = now[one.a], *b = now[one.b], *c = now[one.c];
        const int64_t a_step = slots[one.a].step, b_step = slots[one.b].step, c_step = slots[one.c].step;
        const word flip = one.flip ? ~(word)0 : 0;
        word *restrict d = (word *)target;
        const word *x = (const word *)a;
        switch (one.op) {
        case ALL: OWN(all)((const int64_t *)b, one.x, now, d, m, flip); break;
        case FILL: EACH d[j] = flip; break;
        case EQUAL: TESTS(eq)
        case GREATER: TESTS(gt)
        case MEETS: TESTS(ts)
        case BETWEEN:
            switch (one.type) {
            case 0: EACH d[j] = ~(OWN(gt0)(PART(int8_t, b), PART(int8_t, a)) | OWN(gt0)(PART(int8_t, a), PART(int8_t, c))) ^ flip; break;
            case 1: EACH d[j] = ~(OWN(gt1)(PART(int16_t, b), PART(int16_t, a)) | OWN(gt1)(PART(int16_t, a), PART(int16_t, c))) ^ flip; break;
            case 2: EACH d[j] = ~(OWN(gt2)(PART(int32_t, b), PART(int32_t, a)) | OWN(gt2)(PART(int32_t, a), PART(int32_t, c))) ^ flip; break;
            default: EACH d[j] = ~(OWN(gt3)(PART(int64_t, b), PART(int64_t, a)) | OWN(gt3)(PART(int64_t, a), PART(int64_t, c))) ^ flip;
            }
            break;
        case AMONG:
            EACH {
                word found = 0;
                for (int64_t k = 0; k < one.x; k++) {
                    const char *own = now[one.b + k];
                    switch (one.type) {
                    case 0: found |= OWN(eq0)(PART(int8_t, a), (const int8_t *)own); break;
                    case 1: found |= OWN(eq1)(PART(int16_t, a), (const int16_t *)own); break;
                    case 2: found |= OWN(eq2)(PART(int32_t, a), (const int32_t *)own); break;
                    default: found |= OWN(eq3)(PART(int64_t, a), (const int64_t *)own);
                    }
                }
                d[j] = found ^ flip;
            }
            break;
        case IN_TABLE:
            EACH {
                const char *p = a + j * a_step;
                uint8_t t[64];
                for (int i = 0; i < 64; i++) {
                    word place = within_table(at(p, one.type, i), one.x, one.y);
                    t[i] = ((const uint8_t *)b)[place];
                }
                d[j] = packed(t) ^ flip;
            }
            break;
        case LOOK_UP:
            EACH {
                const char *p = a + j * a_step;
                int32_t *restrict r = (int32_t *)target + 64 * j;
                for (int i = 0; i < 64; i++) {
                    word place = within_table(at(p, one.type, i), one.x, one.y);
                    r[i] = ((const int32_t *)b)[place];
                }
            }
            break;
        case CHOOSE:
            if (one.type == 2) {
                EACH OWN(choose2)(x[j], PART(int32_t, b), PART(int32_t, c), (int32_t *)target + 64 * j);
            } else {
                EACH OWN(choose3)(x[j], PART(int64_t, b), PART(int64_t, c), (int64_t *)target + 64 * j);
            }
            break;
        case ADD: NUMBERS((uint32_t)p[i] + (uint32_t)q[i], (uint64_t)p[i] + (uint64_t)q[i])
        case SUBTRACT:
            if (one.type == 1) {
                CALCULATED(int16_t, uint16_t, (uint16_t)p[i] - (uint16_t)q[i])
                break;
            }
            NUMBERS((uint32_t)p[i] - (uint32_t)q[i], (uint64_t)p[i] - (uint64_t)q[i])
        case MULTIPLY: NUMBERS((uint32_t)p[i] * (uint32_t)q[i], (uint64_t)p[i] * (uint64_t)q[i])
        case LEAST: NUMBERS(p[i] < q[i] ? p[i] : q[i], p[i] < q[i] ? p[i] : q[i])
        case GREATEST: NUMBERS(p[i] > q[i] ? p[i] : q[i], p[i] > q[i] ? p[i] : q[i])
        case POSITIVE:
            NUMBERS(p[i] == 0 ? 1u : p[i] < 0 ? 0u - (uint32_t)p[i] : (uint32_t)p[i],
                    p[i] == 0 ? 1u : p[i] < 0 ? 0u - (uint64_t)p[i] : (uint64_t)p[i])
        case SIGNED:
            NUMBERS(q[i] < 0 ? 0u - (uint32_t)p[i] : (uint32_t)p[i], q[i] < 0 ? 0u - (uint64_t)p[i] : (uint64_t)p[i])
        case CONVERT:
            switch (one.x * 4 + one.type) {
            case 0 * 4 + 1: CONVERTED(int8_t, int16_t)
            case 0 * 4 + 2: CONVERTED(int8_t, int32_t)
            case 0 * 4 + 3: CONVERTED(int8_t, int64_t)
            case 1 * 4 + 2: CONVERTED(int16_t, int32_t)
            case 1 * 4 + 3: CONVERTED(int16_t, int64_t)
            case 2 * 4 + 3: CONVERTED(int32_t, int64_t)
            case 3 * 4 + 2: CONVERTED(int64_t, int32_t)
            default: return 4;
            }
            break;
        case WEIGH:
            if (one.type == 0)
                OWN(weigh0)((const int64_t *)b, one.x, now, (uint8_t *)target, m);
            else
                OWN(weigh2)((const int64_t *)b, one.x, now, (int32_t *)target, m);
            break;
        default:
            return 1;
        }
    }
    return 0;
}

#if LEVEL >= 2
#define COUNTED(x) ((int64_t)__builtin_popcountll(x))
#else
#define COUNTED(x) ((int64_t)counted_plainly(x))
#endif

/* How many bits are set before each start; `total` those of the words before `at_word`. */
#define SET_BEFORE(i)                                                                                                      \
    do {                                                                                                                   \
        int64_t place_ = starts[i];                                                                                        \
        while (at_word < place_ >> 6)                                                                                      \
            total += COUNTED(bits[at_word++]);                                                                             \
        before = total + (place_ & 63 ? COUNTED(bits[at_word] & (((word)1 << (place_ & 63)) - 1)) : 0);                    \
    } while (0)

/* Of 64 elements at a time a word of BIT. */
#define EACH_BIT(BIT)                                                                                                      \
    for (int64_t i = 0; i < count; i += 64) {                                                                              \
        word found = 0;                                                                                                    \
        int64_t end = count - i < 64 ? count - i : 64;                                                                     \
        for (int64_t j = 0; j < end; j++)                                                                                  \
            found |= (word)(BIT) << j;                                                                                     \
        ((word *)out)[i >> 6] = found;                                                                                     \
    }

#if LEVEL >= 2
/* Bits of a plane one behind the other: those where another plane, `chosen`, has one. */
typedef struct {
    const word *bits, *chosen;
    int64_t at;
    unsigned __int128 held;
    int many;
} OWN(stream);

/* The next bits, where `place` has one. */
INLINE word OWN(next)(OWN(stream) *from, word place)
{
    const int wanted = (int)COUNTED(place);
    while (from->many < wanted) {
        const word chosen = from->chosen[from->at];
        from->held |= (unsigned __int128)_pext_u64(from->bits[from->at], chosen) << from->many;
        from->many += (int)COUNTED(chosen);
        from->at++;
    }
    const word found = _pdep_u64((word)from->held, place);
    from->held >>= wanted;
    from->many -= wanted;
    return found;
}

/* Whether any of its rows has the bit. What is added up below the last row of each is carried there where any is set. */
static void OWN(some)(word *out, int64_t count, const int64_t *starts, const word *bits, const word *ends, const word *held)
{
    const int64_t rows = (starts[count] + 63) / 64;
    int64_t at = 0;
    word carry = 0, many = 0;
    unsigned __int128 told = 0;
    for (int64_t i = 0; i < (count + 63) / 64; i++) {
        const word wanted = (word)COUNTED(held[i]);
        while (many < wanted && at < rows) {
            const word own = bits[at], end = ends[at], below = own & ~end;
            const word sum = below + ~end, whole = sum + carry;
            carry = (sum < below) | (whole < sum);
            told |= (unsigned __int128)_pext_u64((whole | own) & end, end) << many;
            many += (word)COUNTED(end);
            at++;
        }
        out[i] = _pdep_u64((word)told, held[i]);
        told >>= wanted;
        many -= wanted;
    }
}

/* Each row gets the bit of what it belongs to: from the first of its rows to before the last is what the last takes from
   the first; and the last. */
static void OWN(spread)(word *out, int64_t count, const word *bits, const word *ends, const word *held)
{
    OWN(stream) of_ends = {bits, held, 0, 0, 0}, of_firsts = {bits, held, 0, 0, 0};
    word before = 1, borrow = 0;
    for (int64_t i = 0; i < (count + 63) / 64; i++) {
        /* Behind the last row nothing begins. */
        const word firsts = (ends[i] << 1 | before) & (count - 64 * i < 64 ? ((word)1 << (count - 64 * i)) - 1 : ~(word)0);
        before = ends[i] >> 63;
        const word last = OWN(next)(&of_ends, ends[i]), first = OWN(next)(&of_firsts, firsts);
        const word less = last - first;
        out[i] = (less - borrow) | last;
        borrow = (last < first) | (less < borrow);
    }
}
#endif

/* Whether a set shares a code with another, whose codes are looked up first. */
INLINE int OWN(meet)(const int64_t *left, const char *codes, int64_t type, const int64_t *right, const char *others,
                     int64_t other_type, const int64_t *mapping)
{
    for (int64_t k = right[0]; k < right[1]; k++) {
        int64_t code = mapping[at(others, other_type, k)];
        for (int64_t l = left[0]; l < left[1]; l++)
            if (at(codes, type, l) == code)
                return 1;
    }
    return 0;
}

/* Findings of records from `begin` on, record by record. So many as a word has bits are looked at together: of each whether
   it is there and how it stands, for 64 records, turned over, are a word for each record. */
#define FINDINGS_OF(NAME, T)                                                                                               \
    static void OWN(NAME)(const int64_t *given, T *restrict codes)                                                         \
    {                                                                                                                      \
        const int64_t begin = given[2], stop = begin + given[1], many = given[4], groups = (many + 63) / 64;               \
        const finding *findings = (const finding *)given[3];                                                               \
        int32_t *restrict records = (int32_t *)given[6], *restrict rows = (int32_t *)given[7];                             \
        int32_t *restrict days = (int32_t *)given[8], *restrict paths = (int32_t *)given[9];                               \
        uint8_t *used = (uint8_t *)given[10];                                                                              \
        word *room = (word *)given[11];                                                                                    \
        const int64_t above = given[12];                                                                                   \
        int64_t at_ = 0;                                                                                                   \
        for (int64_t i = begin; i < stop; i += 64) {                                                                       \
            const int64_t last = stop - i < 64 ? stop : i + 64;                                                            \
            OWN(looked_at)(findings, many, i, last, room);                                                                 \
            for (int64_t record = i; record < last; record++)                                                              \
                for (int64_t group = 0; group < groups; group++) {                                                         \
                    const word *own = room + 256 * group + (record - i);                                                   \
                    const word first = own[64], second = own[128], third = own[192];                                       \
                    for (word left = own[0]; left; left &= left - 1) {                                                     \
                        const int place = __builtin_ctzll(left);                                                           \
                        const finding *one = findings + 64 * group + place;                                                \
                        if (!one->starts) {                                                                                \
                            codes[at_] = (T)(one->code | (first >> place & 1) | (second >> place & 1) << 1 |               \
                                             (third >> place & 1) << 2);                                                   \
                            PUT_FINDING(record, 0)                                                                         \
                            continue;                                                                                      \
                        }                                                                                                  \
                        const int64_t from = one->starts[record], to = one->starts[record + 1];                            \
                        for (int64_t e = from; e < to; e++) {                                                              \
                            if (one->there && !bit(one->there, e))                                                         \
                                continue;                                                                                  \
                            word code = (word)one->code;                                                                   \
                            for (int digit = 0; digit < 3; digit++)                                                        \
                                code |= one->status[digit] ? bit(one->status[digit], e) << digit : 0;                      \
                            codes[at_] = (T)code;                                                                          \
                            PUT_FINDING(e, e - from)                                                                       \
                        }                                                                                                  \
                    }                                                                                                      \
                }                                                                                                          \
        }                                                                                                                  \
    }
#define PUT_FINDING(ELEMENT, TURN)                                                                                         \
    {                                                                                                                      \
        const int64_t element_ = ELEMENT;                                                                                  \
        const int64_t path_ = one->path + (one->paths ? one->paths[element_] : TURN);                                      \
        records[at_] = (int32_t)(record + above);                                                                          \
        rows[at_] = (int32_t)((one->rows ? one->rows[element_] : element_) + one->above);                                  \
        days[at_] = one->known && !bit(one->known, element_) ? 0 : one->days ? one->days[element_] : (int32_t)one->day;    \
        paths[at_++] = (int32_t)path_;                                                                                     \
        used[path_] = 1;                                                                                                   \
    }

static void OWN(looked_at)(const finding *findings, int64_t many, int64_t begin, int64_t last, word *room)
{
    for (int64_t first = 0; first < many; first += 64, room += 256) {
        const int64_t end = many - first < 64 ? many - first : 64;
        memset(room, 0, 256 * sizeof(word));
        for (int64_t k = 0; k < end; k++) {
            const finding *own = findings + first + k;
            if (!own->starts) {
                room[k] = part_of(own->there, begin >> 6, begin, last);
                for (int digit = 0; digit < 3; digit++)
                    room[64 * (digit + 1) + k] = own->status[digit] ? own->status[digit][begin >> 6] : 0;
                continue;
            }
            const int64_t from = own->starts[begin], to = own->starts[last];
            int64_t record = begin;
            word found = 0;
            for (int64_t i = from >> 6; from < to && i <= (to - 1) >> 6; i++)
                for (word left = part_of(own->there, i, from, to); left; left &= left - 1) {
                    const int64_t element = 64 * i + __builtin_ctzll(left);
                    while (own->starts[record + 1] <= element)
                        record++;
                    found |= (word)1 << (record - begin);
                }
            room[k] = found;
        }
        for (int part = 0; part < 4; part++)
            turned(room + 64 * part);
    }
}

FINDINGS_OF(findings1, int16_t)
FINDINGS_OF(findings2, int32_t)
#undef FINDINGS_OF
#undef PUT_FINDING

static int64_t OWN(rows)(int64_t op, const int64_t *given)
{
    char *out = (char *)given[0];
    const int64_t count = given[1], *places = (const int64_t *)given[2], *starts = places;
    const word *bits = (const word *)given[3];
    int64_t at_word = 0, total = 0, before = 0;
    switch (op) {
    case SOME: {
#if LEVEL >= 2
        if (given[4]) {
            OWN(some)((word *)out, count, starts, bits, (const word *)given[4], (const word *)given[5]);
            return 0;
        }
#endif
        at_word = count ? starts[0] >> 6 : 0;
        if (count)
            SET_BEFORE(0);
        int64_t last = before;
        EACH_BIT(({
            SET_BEFORE(i + j + 1);
            word any = before != last;
            last = before;
            any;
        }))
        return 0;
    }
    case ROW_COUNT: {
        at_word = count ? starts[0] >> 6 : 0;
        if (count)
            SET_BEFORE(0);
        for (int64_t i = 0, last = before; i < count; i++) {
            SET_BEFORE(i + 1);
            ((int32_t *)out)[i] = (int32_t)(before - last);
            last = before;
        }
        return 0;
    }
    case ROW_SUM: {
        const char *numbers = (const char *)given[4];
        for (int64_t i = 0; i < count; i++) {
            word found = 0;
            for (int64_t j = starts[i]; j < starts[i + 1]; j++)
                found += (word)at(numbers, given[5], j) & -bit(bits, j);
            put(out, given[6], i, (int64_t)found);
        }
        return 0;
    }
    case ROW_LEAST:
    case ROW_GREATEST: {
        const char *numbers = (const char *)given[4];
        for (int64_t i = 0; i < count; i++) {
            int64_t found = 0;
            int any = 0;
            for (int64_t j = starts[i]; j < starts[i + 1]; j++)
                if (bit(bits, j)) {
                    int64_t own = at(numbers, given[5], j);
                    if (!any || (op == ROW_LEAST ? own < found : own > found))
                        found = own;
                    any = 1;
                }
            put(out, given[6], i, found);
        }
        return 0;
    }
    case SPREAD:
#if LEVEL >= 2
        if (given[4]) {
            OWN(spread)((word *)out, count, bits, (const word *)given[4], (const word *)given[5]);
            return 0;
        }
#endif
        EACH_BIT(bit(bits, places[i + j]))
        return 0;
    case SPREAD_NUMBER: {
        const char *numbers = (const char *)given[3];
        for (int64_t i = 0; i < count; i++)
            put(out, given[5], i, at(numbers, given[4], places[i]));
        return 0;
    }
    case SET_BITS: {
        const char *codes = (const char *)given[3];
        for (int64_t i = 0; i < count; i++) {
            word found = 0;
            int64_t j = starts[i];
#if LEVEL == 3
            /* Eight codes at once. */
            for (; given[4] == 0 && j < starts[i + 1]; j += 8) {
                const int64_t left = starts[i + 1] - j;
                const __mmask8 own = left < 8 ? (__mmask8)((1 << left) - 1) : 255;
                const __m512i code = _mm512_cvtepi8_epi64(_mm_maskz_loadu_epi8(own, codes + j));
                found |= (word)_mm512_mask_reduce_or_epi64(own, _mm512_sllv_epi64(_mm512_set1_epi64(1), code));
            }
#endif
            for (; j < starts[i + 1]; j++)
                found |= (word)1 << (at(codes, given[4], j) & 63);
            put(out, given[5], i, (int64_t)found);
        }
        return 0;
    }
    case SAME_CODE: {
        const char *codes = (const char *)given[3], *others = (const char *)given[6];
        const int64_t *other_places = (const int64_t *)given[5], *mapping = (const int64_t *)given[8];
        const int64_t type = given[4], other_type = given[7], unknown = given[9];
        EACH_BIT(({
            int64_t code = at(codes, type, places ? places[i + j] : i + j);
            int64_t other = at(others, other_type, other_places ? other_places[i + j] : i + j);
            code >= 0 && code == mapping[other < 0 ? unknown : other];
        }))
        return 0;
    }
    case SETS_MEET: {
        const int64_t *sets = (const int64_t *)given[3], *other_places = (const int64_t *)given[6];
        const int64_t *other_sets = (const int64_t *)given[7], *mapping = (const int64_t *)given[10];
        EACH_BIT(OWN(meet)(sets + (places ? places[i + j] : i + j), (const char *)given[4], given[5],
                           other_sets + (other_places ? other_places[i + j] : i + j), (const char *)given[8], given[9],
                           mapping))
        return 0;
    }
    case GROUP: {
        const int64_t *keys = (const int64_t *)given[2], *planes = (const int64_t *)given[4];
        int32_t *counts = (int32_t *)given[6];
        for (int64_t i = 0; i < count; i += 64) {
            int32_t numbers[64] = {0};
            for (int64_t k = 0; k < given[3]; k++) {
                const int64_t *own = keys + 4 * k, type = own[1];
                const char *codes = (const char *)own[0] + (i << type);
                const int32_t add = (int32_t)own[2], factor = (int32_t)own[3];
#define CODES(T)                                                                                                           \
    for (int j = 0; j < 64; j++)                                                                                           \
        numbers[j] += ((int32_t)((const T *)codes)[j] + add) * factor;
                switch (type) {
                case 0: CODES(int8_t) break;
                case 1: CODES(int16_t) break;
                default: CODES(int32_t)
                }
#undef CODES
            }
            for (int64_t k = 0; k < given[5]; k++)
                OWN(count2)(((const word *)planes[2 * k])[i >> 6], (int32_t)planes[2 * k + 1], numbers, numbers);
            if (given[7] == 1)
                for (int j = 0; j < 64; j++)
                    ((uint16_t *)out)[i + j] = (uint16_t)numbers[j];
            else
                memcpy((int32_t *)out + i, numbers, sizeof numbers);
            const int64_t end = count - i < 64 ? count - i : 64;
            for (int64_t j = 0; j < end; j++)
                counts[numbers[j]]++;
        }
        return 0;
    }
    case TELL: {
        const uint8_t *told = (const uint8_t *)given[3];
        word *const *planes = (word *const *)given[4];
        for (int64_t i = 0; i < count; i += 64) {
            int8_t own[64] = {0};
            const int64_t end = count - i < 64 ? count - i : 64;
            if (given[6] == 1)
                for (int64_t j = 0; j < end; j++)
                    own[j] = (int8_t)told[((const uint16_t *)given[2])[i + j]];
            else
                for (int64_t j = 0; j < end; j++)
                    own[j] = (int8_t)told[((const int32_t *)given[2])[i + j]];
            for (int64_t k = 0; k < given[5]; k++)
                planes[k][i >> 6] = OWN(ts0)(own, bits_of_bytes[k]);
        }
        return 0;
    }
    case ENDS: {
        word *ends = (word *)out, *held = (word *)given[3];
        memset(ends, 0, (size_t)(starts[count] + 63) / 64 * sizeof(word));
        memset(held, 0, (size_t)(count + 63) / 64 * sizeof(word));
        for (int64_t i = 0; i < count; i++) {
            const int64_t end = starts[i + 1] - 1;
            if (end >= starts[i]) {
                ends[end >> 6] |= (word)1 << (end & 63);
                held[i >> 6] |= (word)1 << (i & 63);
            }
        }
        return 0;
    }
    case FINDING_COUNT: {
        const finding *findings = (const finding *)given[3];
        const int64_t begin = given[2];
        int64_t found = 0;
        for (int64_t k = 0; k < given[4]; k++) {
            const finding *own = findings + k;
            const int64_t from = own->starts ? own->starts[begin] : begin;
            const int64_t to = own->starts ? own->starts[begin + count] : begin + count;
            for (int64_t i = from >> 6; from < to && i <= (to - 1) >> 6; i++)
                found += COUNTED(part_of(own->there, i, from, to));
        }
        *(int64_t *)out = found;
        return 0;
    }
    case FINDINGS:
        if (given[5] == 1)
            OWN(findings1)(given, (int16_t *)out);
        else
            OWN(findings2)(given, (int32_t *)out);
        return 0;
    default:
        return 1;
    }
}

#undef COUNTED
#undef SET_BEFORE
#undef EACH_BIT
#undef EACH
#undef PART
#undef TIMES
#undef TESTS
#undef CALCULATED
#undef NUMBERS
#undef CONVERTED
#undef BITS
#undef OWN
#undef JOIN
#undef JOIN_
#endif
