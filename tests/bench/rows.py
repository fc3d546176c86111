# SPDX-License-Identifier: GPL-2.0-or-later
"""One line of the results: what each contender took, and ratios."""
import stats

# Which ratios are of interest, wherever both have run.
PAIRS = [("immured", "distccd"), ("immured", "bare"), ("distccd", "bare"),
         ("cell", "posix_spawn"), ("immure-jail", "bubblewrap"),
         ("2 nodes", "1 node"), ("3 nodes", "1 node"), ("beside", "quiet")]


def row(section, label, unit, values, **more):
    """@values: {contender: figures}, taken in turns, so that the n-th of each
    are a pair."""
    out = {"section": section, "label": label, "unit": unit, **more,
           "contenders": {n: stats.summary(v) for n, v in values.items()},
           "ratios": {}, "values": values}
    for ours, theirs in PAIRS:
        if ours in values and theirs in values and \
                len(values[ours]) == len(values[theirs]):
            out["ratios"][f"{ours}/{theirs}"] = \
                stats.ratios(values[ours], values[theirs])
    return out
