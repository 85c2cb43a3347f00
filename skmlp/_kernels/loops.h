/* The loops of compiled.pyx in single and double precision, written so that a compiler vectorises
 * them. `elementary.inc` and `loops.inc` are read once for each. */

#ifndef SKMLP_LOOPS_H
#define SKMLP_LOOPS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One portable binary: the loader picks the version for the processor. Needs indirect functions,
 * which glibc has, and the names of the x86-64 levels, which gcc knows from version 12 on. */
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__clang__) && __GNUC__ >= 12
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#elif defined(_MSC_VER)
#define CLONES __declspec(noinline)
#else
#define CLONES __attribute__((noinline))
#endif

#if defined(_MSC_VER)
#define INLINE __forceinline
#define PREFETCH(address) (void)(address)
#define RESTRICT __restrict
#define SAME_ENTRY_ONLY __pragma(loop(ivdep))
#elif defined(__clang__)
#define INLINE inline __attribute__((always_inline))
#define PREFETCH(address) __builtin_prefetch(address)
#define RESTRICT restrict
#define SAME_ENTRY_ONLY _Pragma("clang loop vectorize(assume_safety)")
#else
#define INLINE inline __attribute__((always_inline))
#define PREFETCH(address) __builtin_prefetch(address)
#define RESTRICT restrict
#define SAME_ENTRY_ONLY _Pragma("GCC ivdep")
#endif

/* Arithmetic on numbers too small to be normal is many times slower, and decaying averages would
 * linger there for ever: from `flush` to `restore` the processor takes them for zero, where it can.
 * No compiler moves arithmetic across them: every loop is a function that is not inlined. */
#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
typedef unsigned int float_mode;
static INLINE float_mode flush(void)
{
    float_mode mode = _mm_getcsr();
    _mm_setcsr(mode | 0x8040); /* flush to zero, denormals are zero */
    return mode;
}
static INLINE void restore(float_mode mode)
{
    _mm_setcsr(mode);
}
#elif defined(__aarch64__) && defined(__GNUC__)
typedef uint64_t float_mode;
static INLINE float_mode flush(void)
{
    float_mode mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode | ((uint64_t)1 << 24)));
    return mode;
}
static INLINE void restore(float_mode mode)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}
#else
typedef int float_mode;
static INLINE float_mode flush(void)
{
    return 0;
}
static INLINE void restore(float_mode mode)
{
    (void)mode;
}
#endif

/* Rows to gather lie anywhere in memory: unless they are asked for ahead, each is waited for. What
 * follows the beginning of a wide row the processor fetches by itself; before it notices a narrow
 * one, that is over. The bytes are those that were quickest for rows of 80 to 6,272. */
#define CACHE_LINE 64
#define WIDE 2560
#define UNDER_WAY 6144
#define MOST_ROWS_AHEAD 16

/* How many rows ahead all of a row is asked for; 0 if it is wide. */
static INLINE ptrdiff_t rows_ahead(ptrdiff_t n_bytes)
{
    if (n_bytes <= 0 || n_bytes >= WIDE)
        return 0;
    return n_bytes * MOST_ROWS_AHEAD < UNDER_WAY ? MOST_ROWS_AHEAD : UNDER_WAY / n_bytes;
}

static INLINE void ask_for(const char *row, ptrdiff_t n_bytes)
{
    for (ptrdiff_t byte = 0; byte < n_bytes; byte += CACHE_LINE)
        PREFETCH(row + byte);
}

/* A smooth clip is at its limit here, and the square is far from the end of double precision. */
#define FAR 1e9

/* exp(r) = 1 + r + r**2 p(r) for |r| <= log(2) / 2; log((1 + s) / (1 - s)) = s p(s**2) for
 * 0 <= s <= 1/3; exp(y**2 / 2) (1 - distribution(y)) (1 + 2 y) = p((y - c) / (y + c)). */

/* Error at most 1.4e-9. */
static INLINE float exp_polynomial_f32(float x)
{
    float p = 0.000198910805f;
    p = p * x + 0.00139337307f; p = p * x + 0.00833331084f; p = p * x + 0.0416664642f;
    p = p * x + 0.166666667f; p = p * x + 0.500000001f;
    return p;
}

/* Error at most 8.5e-9. */
static INLINE float log_polynomial_f32(float x)
{
    float p = 0.281577784f;
    p = p * x + 0.279651577f; p = p * x + 0.400245952f; p = p * x + 0.666663216f;
    p = p * x + 2.00000001f;
    return p;
}

/* Error at most 3.1e-8. */
static INLINE float tail_polynomial_f32(float x)
{
    float p = 0.000255410534f;
    p = p * x + 0.00163157474f; p = p * x - 0.00148340925f; p = p * x - 0.0106195842f;
    p = p * x + 0.0444292611f; p = p * x - 0.09523118f; p = p * x + 0.128902077f;
    p = p * x - 0.0963823061f; p = p * x - 0.0230090586f; p = p * x + 0.849695799f;
    return p;
}

/* Error at most 1.4e-18. */
static INLINE double exp_polynomial_f64(double x)
{
    double p = 2.0914755325893202e-9;
    p = p * x + 2.5105312729622102e-8; p = p * x + 2.755727347871858e-7;
    p = p * x + 2.7557255170000887e-6; p = p * x + 2.4801587325677462e-5;
    p = p * x + 0.00019841269875002279; p = p * x + 0.0013888888888883711;
    p = p * x + 0.0083333333333260831; p = p * x + 0.04166666666666667;
    p = p * x + 0.16666666666666671; p = p * x + 0.5;
    return p;
}

/* Error at most 2.6e-18. */
static INLINE double log_polynomial_f64(double x)
{
    double p = 0.17044163562781398;
    p = p * x + 0.083245065118608206; p = p * x + 0.12110168728069218;
    p = p * x + 0.13300374032674624; p = p * x + 0.15386614042304008;
    p = p * x + 0.18181740832504805; p = p * x + 0.22222224080747673;
    p = p * x + 0.28571428545454115; p = p * x + 0.40000000000185747;
    p = p * x + 0.6666666666666615; p = p * x + 2.0;
    return p;
}

/* Error at most 1.3e-17. */
static INLINE double tail_polynomial_f64(double x)
{
    double p = 1.7370737348015928e-9;
    p = p * x + 8.5275933519841044e-9; p = p * x - 1.125254184243708e-9;
    p = p * x - 6.9559571448607496e-8; p = p * x - 3.2724972571704496e-8;
    p = p * x + 4.3678124540552263e-7; p = p * x + 1.7201057336452568e-7;
    p = p * x - 2.8632035093676177e-6; p = p * x + 5.3739707161645318e-7;
    p = p * x + 1.9392448283206475e-5; p = p * x - 2.643745869710766e-5;
    p = p * x - 0.00010817738181343191; p = p * x + 0.00042509591372423061;
    p = p * x - 0.00011869345896422193; p = p * x - 0.0035716954393749177;
    p = p * x + 0.015422845668711185; p = p * x - 0.039332201355199864;
    p = p * x + 0.072487826976655706; p = p * x - 0.10065743821677635;
    p = p * x + 0.10088858203453591; p = p * x - 0.054008075034076547;
    p = p * x - 0.039647008404005636; p = p * x + 0.84611235472506925;
    return p;
}

#define REAL float
#define BITS uint32_t
#define NAME(name) name##_f32
#define ROOT sqrtf
#define SMALLEST_EXPONENT -88.0f
#define ROUND_TO_INTEGER 0x1.8p23f
#define LOG_2_HIGH 0.693359375f
#define LOG_2_LOW -2.12194440e-4f
#define EXPONENT_BIAS 127
#define MANTISSA_BITS 23
#define TAIL_CENTRE 4.0f
#define TAIL_END (11.0f / 19.0f)
#include "elementary.inc"
#include "loops.inc"
#undef REAL
#undef BITS
#undef NAME
#undef ROOT
#undef SMALLEST_EXPONENT
#undef ROUND_TO_INTEGER
#undef LOG_2_HIGH
#undef LOG_2_LOW
#undef EXPONENT_BIAS
#undef MANTISSA_BITS
#undef TAIL_CENTRE
#undef TAIL_END

#define REAL double
#define BITS uint64_t
#define NAME(name) name##_f64
#define ROOT sqrt
#define SMALLEST_EXPONENT -709.0
#define ROUND_TO_INTEGER 0x1.8p52
#define LOG_2_HIGH 0.693147180369123816490
#define LOG_2_LOW 1.90821492927058770002e-10
#define EXPONENT_BIAS 1023
#define MANTISSA_BITS 52
#define TAIL_CENTRE 5.0
#define TAIL_END (35.0 / 45.0)
#include "elementary.inc"
#include "loops.inc"

/* One entry for both precisions. */

typedef void (*forward_loop)(int, void *, const void *, void *, ptrdiff_t, ptrdiff_t);
typedef void (*backward_loop)(int, void *, const void *, const void *, ptrdiff_t);
typedef double (*loss_loop)(
    int, void *, const void *, const void *, void *, ptrdiff_t, ptrdiff_t);

/* Every loop runs with small numbers flushed: `flush` is in force until `restore`. */
#define EITHER(name, ...)                                                                        \
    do {                                                                                         \
        float_mode mode = flush();                                                               \
        if (is_double)                                                                           \
            name##_f64(__VA_ARGS__);                                                             \
        else                                                                                     \
            name##_f32(__VA_ARGS__);                                                             \
        restore(mode);                                                                           \
    } while (0)

#define RETURN_EITHER(name, ...)                                                                 \
    do {                                                                                         \
        float_mode mode = flush();                                                               \
        double value = is_double ? name##_f64(__VA_ARGS__) : name##_f32(__VA_ARGS__);            \
        restore(mode);                                                                           \
        return value;                                                                            \
    } while (0)

#define FORWARD(name)                                                                            \
    static void name##_loop(                                                                     \
        int is_double, void *z, const void *bias, void *a, ptrdiff_t n_rows,                     \
        ptrdiff_t n_columns)                                                                     \
    {                                                                                            \
        EITHER(name, z, bias, a, n_rows, n_columns);                                             \
    }

#define BACKWARD(name)                                                                           \
    static void name##_loop(                                                                     \
        int is_double, void *delta, const void *a, const void *z, ptrdiff_t n_entries)           \
    {                                                                                            \
        EITHER(name, delta, a, z, n_entries);                                                    \
    }

#define LOSS(name)                                                                               \
    static double name##_loop(                                                                   \
        int is_double, void *raw, const void *y, const void *weight, void *delta,                \
        ptrdiff_t n_rows, ptrdiff_t n_columns)                                                   \
    {                                                                                            \
        RETURN_EITHER(name, raw, y, weight, delta, n_rows, n_columns);                           \
    }

FORWARD(identity)
FORWARD(logistic)
FORWARD(tanh)
FORWARD(relu)
FORWARD(leaky_relu)
FORWARD(elu)
FORWARD(selu)
FORWARD(gelu)
FORWARD(silu)
FORWARD(mish)
FORWARD(softplus)
BACKWARD(logistic_slope)
BACKWARD(tanh_slope)
BACKWARD(relu_slope)
BACKWARD(leaky_relu_slope)
BACKWARD(elu_slope)
BACKWARD(selu_slope)
BACKWARD(gelu_slope)
BACKWARD(silu_slope)
BACKWARD(mish_slope)
BACKWARD(softplus_slope)
LOSS(softmax_cross_entropy)
LOSS(binary_cross_entropy)
LOSS(half_squared_error)

static void column_sum_loop(
    int is_double, const void *matrix, void *out, ptrdiff_t n_rows, ptrdiff_t n_columns)
{
    EITHER(column_sum, matrix, out, n_rows, n_columns);
}

static double add_l2_loop(
    int is_double, void *gradient, const void *coefs, double strength, ptrdiff_t n)
{
    RETURN_EITHER(add_l2, gradient, coefs, strength, n);
}

static void sgd_step_loop(
    int is_double, void *parameters, const void *gradient, void *velocity, double rate,
    double momentum, int nesterov, ptrdiff_t n)
{
    EITHER(sgd_step, parameters, gradient, velocity, rate, momentum, nesterov, n);
}

static double adam_step_loop(
    int is_double, void *parameters, const void *gradient, void *mean, void *square, double rate,
    double beta_1, double beta_2, double epsilon, double strength, ptrdiff_t n_coefs, ptrdiff_t n)
{
    RETURN_EITHER(
        adam_step, parameters, gradient, mean, square, rate, beta_1, beta_2, epsilon, strength,
        n_coefs, n);
}

static void nadam_step_loop(
    int is_double, void *parameters, const void *gradient, void *mean, void *square, double rate,
    double mean_rate, double beta_1, double beta_2, double epsilon, double correction, ptrdiff_t n)
{
    EITHER(
        nadam_step, parameters, gradient, mean, square, rate, mean_rate, beta_1, beta_2, epsilon,
        correction, n);
}

static void rmsprop_step_loop(
    int is_double, void *parameters, const void *gradient, void *square, double rate,
    double beta_2, double epsilon, ptrdiff_t n)
{
    EITHER(rmsprop_step, parameters, gradient, square, rate, beta_2, epsilon, n);
}

static void adagrad_step_loop(
    int is_double, void *parameters, const void *gradient, void *total, double rate,
    double epsilon, ptrdiff_t n)
{
    EITHER(adagrad_step, parameters, gradient, total, rate, epsilon, n);
}

/* Returns 0, and does nothing, where an entry has no place in the matrix. */
#define SPARSE_PRODUCT(PLACE)                                                                    \
    static int sparse_product_##PLACE(                                                           \
        int is_double, int by_rows, const void *entries, const void *places_,                    \
        const void *starts_, ptrdiff_t n_entries, const void *right, void *out,                  \
        ptrdiff_t n_lines, ptrdiff_t n_places, ptrdiff_t n_columns)                              \
    {                                                                                            \
        const PLACE *places = places_, *starts = starts_;                                        \
        int within = starts[0] >= 0 && starts[n_lines] <= n_entries;                             \
        for (ptrdiff_t line = 0; line < n_lines; line++)                                         \
            within &= starts[line] <= starts[line + 1];                                          \
        for (ptrdiff_t k = 0, end = within ? (ptrdiff_t)starts[n_lines] : 0; k < end; k++)       \
            within &= 0 <= places[k] && places[k] < n_places;                                    \
        if (within)                                                                              \
            EITHER(                                                                              \
                sparse_product_##PLACE, by_rows, entries, places, starts, right, out, n_lines,   \
                n_places, n_columns);                                                            \
        return within;                                                                           \
    }

SPARSE_PRODUCT(int32_t)
SPARSE_PRODUCT(int64_t)

static int sparse_product_loop(
    int is_double, int by_rows, ptrdiff_t itemsize, const void *entries, const void *places,
    const void *starts, ptrdiff_t n_entries, const void *right, void *out, ptrdiff_t n_lines,
    ptrdiff_t n_places, ptrdiff_t n_columns)
{
    return (itemsize == 4 ? sparse_product_int32_t : sparse_product_int64_t)(
        is_double, by_rows, entries, places, starts, n_entries, right, out, n_lines, n_places,
        n_columns);
}

static void walk_block_loop(
    int is_double, void *scores, const void *gram, const void *signs, const void *steps,
    void *intercept, double intercept_factor, int zero_is_positive, void *corrections,
    ptrdiff_t n_rows, ptrdiff_t n_outputs)
{
    EITHER(
        walk_block, scores, gram, signs, steps, intercept, intercept_factor, zero_is_positive,
        corrections, n_rows, n_outputs);
}

/* Returns 0 where there is no loop for the format. */
static int gather_loop(
    int is_double, char format, ptrdiff_t itemsize, const void *array, ptrdiff_t row_stride,
    ptrdiff_t column_stride, const ptrdiff_t *rows, void *out, ptrdiff_t n_rows,
    ptrdiff_t n_columns)
{
    gather_loop_f32 loop_f32 = gather_from_f32(format, itemsize);
    gather_loop_f64 loop_f64 = gather_from_f64(format, itemsize);
    if (!loop_f32)
        return 0;
    if (is_double)
        loop_f64(array, row_stride, column_stride, rows, out, n_rows, n_columns);
    else
        loop_f32(array, row_stride, column_stride, rows, out, n_rows, n_columns);
    return 1;
}

/* Tables: numbers are in double precision until they are encoded. */

/* Several searches at a time, step by step: one alone waits for each of its loads, and no processor
 * guesses which half is next. */
#define N_SEARCHES 32

/* How many of rising quantiles are at most each of a few numbers. */
static INLINE void count_up_to(
    const double *quantiles, ptrdiff_t n_quantiles, const double *numbers, ptrdiff_t n_numbers,
    ptrdiff_t *RESTRICT counts)
{
    for (ptrdiff_t i = 0; i < n_numbers; i++)
        counts[i] = 0;
    for (ptrdiff_t n = n_quantiles; n > 1; n -= n / 2)
        for (ptrdiff_t i = 0; i < n_numbers; i++)
            counts[i] += quantiles[counts[i] + n / 2 - 1] <= numbers[i] ? n / 2 : 0;
    for (ptrdiff_t i = 0; i < n_numbers; i++)
        counts[i] += quantiles[counts[i]] <= numbers[i];
}

/* The first of equal quantiles, of which the last is known. */
static ptrdiff_t first_equal(const double *quantiles, ptrdiff_t last)
{
    ptrdiff_t first = 0, n = last + 1;
    for (; n > 1; n -= n / 2)
        first += quantiles[first + n / 2 - 1] < quantiles[last] ? n / 2 : 0;
    return first;
}

CLONES static void levels_among_loop(
    const double *numbers, const double *quantiles, const double *levels, double *RESTRICT out,
    ptrdiff_t n_numbers, ptrdiff_t n_quantiles)
{
    ptrdiff_t counts[N_SEARCHES], known = -1;
    double level_of_known = 0;
    for (ptrdiff_t start = 0; start < n_numbers; start += N_SEARCHES) {
        ptrdiff_t n = n_numbers - start < N_SEARCHES ? n_numbers - start : N_SEARCHES;
        count_up_to(quantiles, n_quantiles, numbers + start, n, counts);
        for (ptrdiff_t i = 0; i < n; i++) {
            const double number = numbers[start + i];
            const ptrdiff_t next = counts[i], last = next - 1;
            double level;
            if (next == 0)
                level = levels[0];
            else if (quantiles[last] == number) {
                /* Most often the number that is in many rows. */
                if (last != known)
                    level_of_known = (levels[first_equal(quantiles, last)] + levels[last]) / 2;
                known = last;
                level = level_of_known;
            }
            else if (next == n_quantiles)
                level = levels[last];
            else
                level = levels[last] + (levels[next] - levels[last])
                    * ((number - quantiles[last]) / (quantiles[next] - quantiles[last]));
            out[start + i] = level;
        }
    }
}

static void smooth_clip_loop(
    int is_double, const double *numbers, double middle, double unit, double limit, void *out,
    ptrdiff_t row_stride, ptrdiff_t n_rows)
{
    if (is_double)
        smooth_clip_f64(numbers, middle, unit, limit, out, row_stride, n_rows);
    else
        smooth_clip_f32(numbers, middle, unit, limit, out, row_stride, n_rows);
}

static void shares_of_pieces_loop(
    int is_double, const double *numbers, const double *starts, const double *lengths,
    double middle, void *out, ptrdiff_t row_stride, ptrdiff_t n_rows, ptrdiff_t n_pieces)
{
    if (is_double)
        shares_of_pieces_f64(
            numbers, starts, lengths, middle, out, row_stride, n_rows, n_pieces);
    else
        shares_of_pieces_f32(
            numbers, starts, lengths, middle, out, row_stride, n_rows, n_pieces);
}

#endif
