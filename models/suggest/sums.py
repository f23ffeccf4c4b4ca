"""Sums over many rows: by NumPy where it is installed, and by plain Python elsewhere, to the same result.

The two differ in the order in which they add, so by about 1e-12; what a sum decides is decided on fewer digits.
"""

try:
    import numpy
except ImportError:  # it is no requirement of Odoo
    numpy = None


def as_codes(codes):
    """Small whole numbers, one for each row, as :func:`sums_by` takes them."""
    return codes if numpy is None else numpy.asarray(codes, dtype=numpy.int64)


def as_values(values):
    """Numbers, one for each row."""
    return values if numpy is None else numpy.asarray(values, dtype=numpy.float64)


def sums_by(codes, values, size):
    """The sums of ``values`` by code: a list of ``size`` numbers."""
    if numpy is not None:
        return numpy.bincount(codes, weights=values, minlength=size).tolist()
    sums = [0.0] * size
    for code, value in zip(codes, values, strict=True):
        sums[code] += value
    return sums


def combined(codes, size, others):
    """One code for each pair of codes: ``code + size * other``."""
    if numpy is not None:
        return codes + size * others
    return [code + size * other for code, other in zip(codes, others, strict=True)]
