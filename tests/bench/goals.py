# SPDX-License-Identifier: GPL-2.0-or-later
"""What is aimed at, beside what came out."""
from report import figure

# Goal, section, label, then a figure of that row: (ratio NAME), (p99 A B) the
# ratio of two p99, (over NAME) milliseconds over the compiler alone, (median
# NAME); and the limit, with the side on which it is kept.
GOALS = [
    ("tiny C, plain", "client", "tiny C gcc plain",
     ("ratio", "immured/distccd"), "<=", 0.75),
    ("tiny C, lzo", "client", "tiny C gcc lzo",
     ("ratio", "immured/distccd"), "<=", 0.75),
    ("tiny C, pump", "client", "tiny C gcc pump",
     ("ratio", "immured/distccd"), "<=", 0.75),
    ("tiny C with clang", "client", "tiny C clang plain",
     ("ratio", "immured/distccd"), "<=", 0.60),
    ("1.3 MB C++", "client", "1.3 MB C++ g++ plain",
     ("ratio", "immured/distccd"), "<=", 0.97),
    ("node side, gcc / bare", "node", "tiny C gcc plain",
     ("ratio", "immured/bare"), "<=", 0.80),
    ("node side, clang / bare", "node", "tiny C clang plain",
     ("ratio", "immured/bare"), "<=", 0.50),
    ("prepared jail, first instruction", "jail", "to the first instruction",
     ("ratio", "cell/posix_spawn"), "<=", 1.1),
    ("the same at p99", "jail", "to the first instruction",
     ("p99", "cell", "posix_spawn"), "<=", 3),
    ("CPU over the compiler's own, ms", "cpu", "tiny C gcc plain",
     ("over", "immured"), "<=", 0.5),
    ("ssh over a connection and TCP, ms", "ssh", "tiny C gcc plain over ssh",
     ("value", "over_ms"), "<=", 2),
    ("jails a second and core", "jail-rate", "one core",
     ("median", "cell"), ">=", 2500),
    ("kernel build", "build", "kernel defconfig, plain",
     ("ratio", "immured/distccd"), "<=", 0.95),
    ("beside idle and slow connections", "beside", "10000 idle, 1000 slow",
     ("ratio", "beside/quiet"), "<=", 1.3),
    ("memory of the fronts then, MiB", "beside", "10000 idle, 1000 slow",
     ("value", "front_mib"), "<=", 64),
]


def value_of(row, what):
    if what[0] == "ratio":
        return row["ratios"][what[1]]["median"]
    if what[0] == "p99":
        return row["contenders"][what[1]]["p99"] / \
            row["contenders"][what[2]]["p99"]
    if what[0] == "over":
        return row["over_bare"][what[1]]["median"]
    if what[0] == "value":
        return row[what[1]]
    return row["contenders"][what[1]]["median"]


def judged(rows):
    """(goal, limit as text, value, is it kept) of those that were measured."""
    by_name = {(r["section"], r["label"]): r for r in rows}
    for name, section, label, what, side, limit in GOALS:
        row = by_name.get((section, label))
        if row is not None:
            value = value_of(row, what)
            kept = value <= limit if side == "<=" else value >= limit
            yield name, f"{side} {limit}", value, kept


def show_goals(report):
    goals = list(judged(report.result["rows"]))
    if goals:
        report.say("\nGoals")
    for name, limit, value, kept in goals:
        report.say("%-36s %-8s %8s  %s" %
                   (name, limit, figure(value), "kept" if kept else "missed"))
