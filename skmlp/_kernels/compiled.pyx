# cython: language_level=3
"""The compiled operations: each checks its arrays and calls a loop of loops.h.

Each has a twin of the same name and arguments in NumPy, which defines it; see
``skmlp._kernels.compiled_twin``. Arrays are C-contiguous and of one dtype, float32 or float64;
a ValueError says where they are not. A result too small for a normal number may become zero.

Arrays come through the buffer protocol, which costs 25 ns each and needs no NumPy to build.
"""

from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_STRIDES,
    PyBUF_WRITABLE,
    PyBuffer_Release,
    PyObject_GetBuffer,
)


cdef extern from "loops.h":
    ctypedef void (*forward_loop)(
        bint, void*, const void*, void*, Py_ssize_t, Py_ssize_t) noexcept nogil
    ctypedef void (*backward_loop)(
        bint, void*, const void*, const void*, Py_ssize_t) noexcept nogil
    ctypedef double (*loss_loop)(
        bint, void*, const void*, const void*, void*, Py_ssize_t, Py_ssize_t) noexcept

    forward_loop identity_loop, logistic_loop, tanh_loop, relu_loop, leaky_relu_loop, elu_loop
    forward_loop selu_loop, gelu_loop, silu_loop, mish_loop, softplus_loop
    backward_loop logistic_slope_loop, tanh_slope_loop, relu_slope_loop, leaky_relu_slope_loop
    backward_loop elu_slope_loop, selu_slope_loop, gelu_slope_loop, silu_slope_loop
    backward_loop mish_slope_loop, softplus_slope_loop
    loss_loop softmax_cross_entropy_loop, binary_cross_entropy_loop, half_squared_error_loop

    void column_sum_loop(bint, const void*, void*, Py_ssize_t, Py_ssize_t) noexcept nogil
    double add_l2_loop(bint, void*, const void*, double, Py_ssize_t) noexcept
    void sgd_step_loop(
        bint, void*, const void*, void*, double, double, bint, Py_ssize_t) noexcept
    double adam_step_loop(
        bint, void*, const void*, void*, void*, double, double, double, double, double, Py_ssize_t,
        Py_ssize_t) noexcept
    void nadam_step_loop(
        bint, void*, const void*, void*, void*, double, double, double, double, double, double,
        Py_ssize_t) noexcept
    void rmsprop_step_loop(
        bint, void*, const void*, void*, double, double, double, Py_ssize_t) noexcept
    void adagrad_step_loop(
        bint, void*, const void*, void*, double, double, Py_ssize_t) noexcept
    void walk_block_loop(
        bint, void*, const void*, const void*, const void*, void*, double, bint, void*,
        Py_ssize_t, Py_ssize_t) noexcept
    bint gather_loop(
        bint, char, Py_ssize_t, const void*, Py_ssize_t, Py_ssize_t, const Py_ssize_t*, void*,
        Py_ssize_t, Py_ssize_t) noexcept nogil
    bint sparse_product_loop(
        bint, bint, Py_ssize_t, const void*, const void*, const void*, Py_ssize_t, const void*,
        void*, Py_ssize_t, Py_ssize_t, Py_ssize_t) noexcept
    void levels_among_loop(
        const double*, const double*, const double*, double*, Py_ssize_t,
        Py_ssize_t) noexcept nogil
    void smooth_clip_loop(
        bint, const double*, double, double, double, void*, Py_ssize_t, Py_ssize_t) noexcept nogil
    void shares_of_pieces_loop(
        bint, const double*, const double*, const double*, double, void*, Py_ssize_t, Py_ssize_t,
        Py_ssize_t) noexcept nogil


# Arrays

cdef struct Entries:
    # Of a C-contiguous vector or matrix; a vector is one row.
    void* data
    Py_ssize_t n_rows
    Py_ssize_t n_columns
    Py_ssize_t size
    bint is_double


cdef Entries entries(object array, bint written) except *:
    cdef Py_buffer buffer
    cdef Entries result
    cdef bint fits
    PyObject_GetBuffer(
        array, &buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (PyBUF_WRITABLE if written else 0))
    fits = 1 <= buffer.ndim <= 2 and buffer.format[0] in b"fd"
    if fits:
        result.data = buffer.buf
        result.n_rows = 1 if buffer.ndim == 1 else buffer.shape[0]
        result.n_columns = buffer.shape[buffer.ndim - 1]
        result.size = result.n_rows * result.n_columns
        result.is_double = buffer.format[0] == b"d"
    # The caller holds the array, so its memory outlives the buffer.
    PyBuffer_Release(&buffer)
    if not fits:
        raise ValueError(
            "A compiled operation takes vectors and matrices of float32 or float64; got "
            f"{array.ndim} dimensions of {array.dtype}. Cast or reshape the array.")
    return result


cdef inline int check_same(Entries first, Entries other, Py_ssize_t size) except -1:
    if other.size != size or other.is_double != first.is_double:
        raise ValueError(
            f"The arrays of a compiled operation must have one dtype and matching sizes; got "
            f"itemsize {8 if first.is_double else 4} and size {size} beside itemsize "
            f"{8 if other.is_double else 4} and size {other.size}. Cast or slice them alike.")
    return 0


cdef inline Entries like(Entries first, object array, bint written) except *:
    # Those of an array of the same dtype and size.
    cdef Entries result = entries(array, written)
    check_same(first, result, first.size)
    return result


cdef struct Integers:
    void* data
    Py_ssize_t size
    Py_ssize_t itemsize


cdef Integers integers(object array) except *:
    # Those of a vector; of what is none the size is -1.
    cdef Py_buffer buffer
    cdef Integers result
    PyObject_GetBuffer(array, &buffer, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)
    result.data, result.itemsize = buffer.buf, buffer.itemsize
    result.size = buffer.shape[0] if buffer.ndim == 1 and buffer.format[0] in b"ilq" else -1
    # The caller holds the array, so its memory outlives the buffer.
    PyBuffer_Release(&buffer)
    return result


# Activations

cdef enum:
    # From so many entries on, other threads may run meanwhile: to let them takes 50 ns.
    LONG = 1 << 15


cdef object forward(forward_loop loop, object z, object bias, object a):
    cdef Entries to_z = entries(z, True), to_bias = entries(bias, False)
    cdef Entries to_a = like(to_z, a, True)
    check_same(to_z, to_bias, to_z.n_columns)
    if to_z.size < LONG:
        loop(to_z.is_double, to_z.data, to_bias.data, to_a.data, to_z.n_rows, to_z.n_columns)
        return
    with nogil:
        loop(to_z.is_double, to_z.data, to_bias.data, to_a.data, to_z.n_rows, to_z.n_columns)


cdef object backward(backward_loop loop, object delta, object a, object z):
    cdef Entries to_delta = entries(delta, True)
    cdef Entries to_a = like(to_delta, a, False), to_z = like(to_delta, z, False)
    if to_delta.size < LONG:
        loop(to_delta.is_double, to_delta.data, to_a.data, to_z.data, to_delta.size)
        return
    with nogil:
        loop(to_delta.is_double, to_delta.data, to_a.data, to_z.data, to_delta.size)


def identity(z, bias, a): forward(identity_loop, z, bias, a)
def logistic(z, bias, a): forward(logistic_loop, z, bias, a)
def logistic_slope(delta, a, z): backward(logistic_slope_loop, delta, a, z)
def tanh(z, bias, a): forward(tanh_loop, z, bias, a)
def tanh_slope(delta, a, z): backward(tanh_slope_loop, delta, a, z)
def relu(z, bias, a): forward(relu_loop, z, bias, a)
def relu_slope(delta, a, z): backward(relu_slope_loop, delta, a, z)
def leaky_relu(z, bias, a): forward(leaky_relu_loop, z, bias, a)
def leaky_relu_slope(delta, a, z): backward(leaky_relu_slope_loop, delta, a, z)
def elu(z, bias, a): forward(elu_loop, z, bias, a)
def elu_slope(delta, a, z): backward(elu_slope_loop, delta, a, z)
def selu(z, bias, a): forward(selu_loop, z, bias, a)
def selu_slope(delta, a, z): backward(selu_slope_loop, delta, a, z)
def gelu(z, bias, a): forward(gelu_loop, z, bias, a)
def gelu_slope(delta, a, z): backward(gelu_slope_loop, delta, a, z)
def silu(z, bias, a): forward(silu_loop, z, bias, a)
def silu_slope(delta, a, z): backward(silu_slope_loop, delta, a, z)
def mish(z, bias, a): forward(mish_loop, z, bias, a)
def mish_slope(delta, a, z): backward(mish_slope_loop, delta, a, z)
def softplus(z, bias, a): forward(softplus_loop, z, bias, a)
def softplus_slope(delta, a, z): backward(softplus_slope_loop, delta, a, z)


# Losses

cdef double loss(loss_loop loop, object raw, object y, object weight, object delta) except *:
    cdef Entries to_raw = entries(raw, True), to_weight = entries(weight, False)
    cdef Entries to_y = like(to_raw, y, False), to_delta = like(to_raw, delta, True)
    check_same(to_raw, to_weight, to_raw.n_rows)
    return loop(
        to_raw.is_double, to_raw.data, to_y.data, to_weight.data, to_delta.data, to_raw.n_rows,
        to_raw.n_columns)


def softmax_cross_entropy(raw, y, weight, delta):
    return loss(softmax_cross_entropy_loop, raw, y, weight, delta)


def binary_cross_entropy(raw, y, weight, delta):
    return loss(binary_cross_entropy_loop, raw, y, weight, delta)


def half_squared_error(raw, y, weight, delta):
    return loss(half_squared_error_loop, raw, y, weight, delta)


# Gradients

def column_sum(matrix, out):
    cdef Entries source = entries(matrix, False), target = entries(out, True)
    check_same(source, target, source.n_columns)
    if source.size < LONG:
        column_sum_loop(
            source.is_double, source.data, target.data, source.n_rows, source.n_columns)
        return
    with nogil:
        column_sum_loop(
            source.is_double, source.data, target.data, source.n_rows, source.n_columns)


def add_l2(gradient, coefs, double strength):
    cdef Entries to_gradient = entries(gradient, True)
    cdef Entries to_coefs = like(to_gradient, coefs, False)
    return add_l2_loop(
        to_gradient.is_double, to_gradient.data, to_coefs.data, strength, to_gradient.size)


# Optimizers

def sgd_step(parameters, gradient, velocity, double rate, double momentum, bint nesterov):
    cdef Entries p = entries(parameters, True), g = like(p, gradient, False)
    cdef Entries v = like(p, velocity, True)
    sgd_step_loop(p.is_double, p.data, g.data, v.data, rate, momentum, nesterov, p.size)


def adam_step(
        parameters, gradient, mean, square, double rate, double beta_1, double beta_2,
        double epsilon, double strength, Py_ssize_t n_coefs):
    cdef Entries p = entries(parameters, True), g = like(p, gradient, False)
    cdef Entries m = like(p, mean, True), s = like(p, square, True)
    if not 0 <= n_coefs <= p.size:
        raise ValueError(
            f"`n_coefs` must be from 0 to {p.size}, the number of parameters; got {n_coefs}. "
            "Count the leading parameters that are weights.")
    return adam_step_loop(
        p.is_double, p.data, g.data, m.data, s.data, rate, beta_1, beta_2, epsilon, strength,
        n_coefs, p.size)


def nadam_step(
        parameters, gradient, mean, square, double rate, double mean_rate, double beta_1,
        double beta_2, double epsilon, double correction):
    cdef Entries p = entries(parameters, True), g = like(p, gradient, False)
    cdef Entries m = like(p, mean, True), s = like(p, square, True)
    nadam_step_loop(
        p.is_double, p.data, g.data, m.data, s.data, rate, mean_rate, beta_1, beta_2, epsilon,
        correction, p.size)


def rmsprop_step(parameters, gradient, square, double rate, double beta_2, double epsilon):
    cdef Entries p = entries(parameters, True), g = like(p, gradient, False)
    cdef Entries s = like(p, square, True)
    rmsprop_step_loop(p.is_double, p.data, g.data, s.data, rate, beta_2, epsilon, p.size)


def adagrad_step(parameters, gradient, total, double rate, double epsilon):
    cdef Entries p = entries(parameters, True), g = like(p, gradient, False)
    cdef Entries t = like(p, total, True)
    adagrad_step_loop(p.is_double, p.data, g.data, t.data, rate, epsilon, p.size)


# Perceptron

def walk_block(
        scores, gram, signs, steps, intercept, double intercept_factor, bint zero_is_positive,
        corrections):
    cdef Entries s = entries(scores, True), t = like(s, signs, False), p = like(s, steps, False)
    cdef Entries c = like(s, corrections, True)
    cdef Entries g = entries(gram, False), b = entries(intercept, True)
    if g.size != s.n_rows * s.n_rows or g.is_double != s.is_double:
        raise ValueError(
            f"`gram` must be square with a row for each sample; got shape {gram.shape} beside "
            f"{scores.shape}. Slice it to fit.")
    check_same(s, b, s.n_columns)
    walk_block_loop(
        s.is_double, s.data, g.data, t.data, p.data, b.data, intercept_factor, zero_is_positive,
        c.data, s.n_rows, s.n_columns)


# Batches

cdef const Py_ssize_t* positions(object rows, Py_ssize_t n_rows, Py_ssize_t end) except? NULL:
    cdef Integers vector = integers(rows)
    cdef const Py_ssize_t* row = <const Py_ssize_t*>vector.data
    cdef Py_ssize_t i
    if vector.size != n_rows or vector.itemsize != sizeof(Py_ssize_t):
        raise ValueError(
            f"`rows` must be a vector of {n_rows} intp, one for each row of `out`; got shape "
            f"{rows.shape} of {rows.dtype}. Slice `out` to fit.")
    for i in range(n_rows):
        if not 0 <= row[i] < end:
            raise IndexError(
                f"`rows` must be at least 0 and below {end}, the rows of `array`; got {row[i]}. "
                "Wrap negative positions around first.")
    return row


def gather(array, rows, out):
    cdef Entries target = entries(out, True)
    cdef const Py_ssize_t* row = positions(rows, target.n_rows, len(array))
    cdef Py_buffer source
    cdef bint fits, done = False
    PyObject_GetBuffer(array, &source, PyBUF_STRIDES | PyBUF_FORMAT)
    fits = source.ndim == 2 and source.shape[1] == target.n_columns
    if fits and target.size < LONG:
        done = gather_loop(
            target.is_double, source.format[0], source.itemsize, source.buf, source.strides[0],
            source.strides[1], row, target.data, target.n_rows, target.n_columns)
    elif fits:
        with nogil:
            done = gather_loop(
                target.is_double, source.format[0], source.itemsize, source.buf, source.strides[0],
                source.strides[1], row, target.data, target.n_rows, target.n_columns)
    PyBuffer_Release(&source)
    if not fits:
        raise ValueError(
            "`array` must be a matrix with as many columns as `out`; got shapes "
            f"{array.shape} and {out.shape}. Slice `out` to fit.")
    if not done:
        out[...] = array[rows]


# Products

def sparse_product(left, right, out):
    left_entries, left_places, left_starts = left.data, left.indices, left.indptr
    cdef Entries r = entries(right, False), o = entries(out, True)
    cdef Entries e = entries(left_entries, False)
    cdef Integers places = integers(left_places), starts = integers(left_starts)
    cdef bint by_rows = left.format == "csr"
    cdef Py_ssize_t n_lines = o.n_rows if by_rows else r.n_rows
    cdef Py_ssize_t n_places = r.n_rows if by_rows else o.n_rows
    if places.size < 0 or starts.size < 0:
        raise ValueError(
            "The places of a sparse matrix must be vectors of int32 or int64; got "
            f"{left_places.dtype} and {left_starts.dtype}. Make the matrix anew.")
    check_same(o, r, r.size)
    check_same(o, e, places.size)
    if left.shape != (o.n_rows, r.n_rows) or r.n_columns != o.n_columns:
        raise ValueError(
            "`out` must have the rows of `left` and the columns of `right`; got shapes "
            f"{left.shape}, {right.shape} and {out.shape}. Slice `out` to fit.")
    if (starts.size != n_lines + 1 or starts.itemsize != places.itemsize
            or not sparse_product_loop(
                o.is_double, by_rows, places.itemsize, e.data, places.data, starts.data, e.size,
                r.data, o.data, n_lines, n_places, o.n_columns)):
        raise ValueError(
            "`left` must be a CSR or CSC matrix whose entries all have a place in it; got one of "
            f"format {left.format!r}. Make it anew from its entries.")


# Tables

cdef Entries doubles(object array, Py_ssize_t size, bint written) except *:
    # Those of a vector of float64, of this size unless it is negative.
    cdef Entries result = entries(array, written)
    if not result.is_double or result.n_rows != 1 or 0 <= size != result.size:
        raise ValueError(
            "Numbers of a table, and what they are encoded by, must be vectors of float64, of one "
            f"size where they belong together; got shape {array.shape} of {array.dtype}. Cast or "
            "slice them alike.")
    return result


def levels_among(numbers, quantiles, levels, out):
    cdef Entries x = doubles(numbers, -1, False), q = doubles(quantiles, -1, False)
    cdef Entries level = doubles(levels, q.size, False), o = doubles(out, x.size, True)
    if q.size == 0:
        raise ValueError("`quantiles` must not be empty; got none. Pass one at least.")
    with nogil:
        levels_among_loop(
            <const double*>x.data, <const double*>q.data, <const double*>level.data,
            <double*>o.data, x.size, q.size)


cdef struct Rows:
    # Of a matrix whose columns may be neighbours in a wider one.
    void* data
    Py_ssize_t stride
    bint is_double


cdef Rows rows_of(object out, Py_ssize_t n_rows, Py_ssize_t n_columns) except *:
    cdef Py_buffer buffer
    cdef Rows result
    cdef bint fits
    PyObject_GetBuffer(out, &buffer, PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE)
    fits = (
        buffer.ndim == 2 and buffer.format[0] in b"fd" and buffer.shape[0] == n_rows
        and buffer.shape[1] == n_columns
        and (n_columns == 1 or buffer.strides[1] == buffer.itemsize))
    if fits:
        result.data, result.stride = buffer.buf, buffer.strides[0]
        result.is_double = buffer.format[0] == b"d"
    # The caller holds the array, so its memory outlives the buffer.
    PyBuffer_Release(&buffer)
    if not fits:
        raise ValueError(
            f"`out` must be a matrix of float32 or float64, of shape {(n_rows, n_columns)}; got "
            f"shape {out.shape} of {out.dtype}. Slice a wider one by neighbouring columns.")
    return result


def smooth_clip(numbers, double middle, double unit, double limit, out):
    cdef Entries x = doubles(numbers, -1, False)
    cdef Rows o = rows_of(out, x.size, 1)
    with nogil:
        smooth_clip_loop(
            o.is_double, <const double*>x.data, middle, unit, limit, o.data, o.stride, x.size)


def shares_of_pieces(numbers, starts, lengths, double middle, out):
    cdef Entries x = doubles(numbers, -1, False), s = doubles(starts, -1, False)
    cdef Entries length = doubles(lengths, s.size, False)
    cdef Rows o = rows_of(out, x.size, s.size)
    with nogil:
        shares_of_pieces_loop(
            o.is_double, <const double*>x.data, <const double*>s.data,
            <const double*>length.data, middle, o.data, o.stride, x.size, s.size)


# The operations by the module of their definitions.
TWINS = {
    "skmlp._arrays": (sparse_product,),
    "skmlp.activations": (
        identity, logistic, logistic_slope, tanh, tanh_slope, relu, relu_slope, leaky_relu,
        leaky_relu_slope, elu, elu_slope, selu, selu_slope, gelu, gelu_slope, silu, silu_slope,
        mish, mish_slope, softplus, softplus_slope,
    ),
    "skmlp.losses": (softmax_cross_entropy, binary_cross_entropy, half_squared_error),
    "skmlp.layers.dense": (column_sum,),
    "skmlp.optimizers": (sgd_step, adam_step, nadam_step, rmsprop_step, adagrad_step),
    "skmlp.penalties": (add_l2,),
    "skmlp.training.data": (gather,),
    "skmlp.perceptron.blocks": (walk_block,),
    "skmlp.estimators.tabular._numbers": (smooth_clip, levels_among, shares_of_pieces),
}
