# SPDX-License-Identifier: GPL-2.0-or-later
"""Medians, quartiles, and ratios pair by pair (test_stats.py)."""


def quantile(values, q):
    """The value below which a share @q of them lies, between neighbours in
    proportion (the usual definition: type 7)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def summary(values):
    return {
        "n": len(values),
        "min": min(values),
        "q1": quantile(values, 0.25),
        "median": quantile(values, 0.5),
        "q3": quantile(values, 0.75),
        "p99": quantile(values, 0.99),
    }


def ratios(ours, theirs):
    """Of values that were taken side by side: each pair's own ratio, so that
    what slows both down for a while is in none of them."""
    if len(ours) != len(theirs):
        raise ValueError("not pairs")
    return summary([a / b for a, b in zip(ours, theirs)])


def differences(ours, theirs):
    if len(ours) != len(theirs):
        raise ValueError("not pairs")
    return summary([a - b for a, b in zip(ours, theirs)])
