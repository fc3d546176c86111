# SPDX-License-Identifier: GPL-2.0-or-later
"""The jail alone: a program that ends at once, started bare, in a cell that
was prepared, by immure-jail, and by bubblewrap with the same restrictions."""
import os
import shutil
import subprocess
import time

from measure import BUILD, MS, PROGRAMS, Coprocess
from rows import row

FIRST = os.path.join(PROGRAMS, "first")
SLOT = 4090  # nobody's: a node has one for each core, tests those from 3000
APART_S = 0.003  # the next cell is made meanwhile, as for a job


def bubblewrap(context, pin):
    """What immure-jail does, as far as bubblewrap goes: it has neither
    Landlock nor limits."""
    name = os.path.join(context.scratch, "filter.bpf")
    with open(name, "wb") as f:
        subprocess.run([PROGRAMS + "/filter"], stdout=f, check=True)
    return Coprocess(
        "spawn", "-9", name, "bwrap", "--unshare-all", "--uid", "1000",
        "--gid", "1000", "--disable-userns", "--unshare-user", "--cap-drop",
        "ALL", "--clearenv", "--new-session", "--die-with-parent",
        "--ro-bind", FIRST, "/first", "--tmpfs", "/tmp", "--chdir", "/tmp",
        "--seccomp", "9", "/first", pin=pin)


def contenders_of(context, pin=None):
    out = {"posix_spawn": Coprocess("spawn", FIRST, pin=pin),
           "cell": Coprocess("cell", FIRST, SLOT, pin=pin),
           "immure-jail": Coprocess(
               "spawn", os.path.join(BUILD, "immure-jail"), "--exec",
               FIRST + ":/first", "--tmpfs", "/tmp", "--", "/first",
               pin=pin)}
    if shutil.which("bwrap"):
        out["bubblewrap"] = bubblewrap(context, pin)
    else:
        context.report.say("jail: no bwrap here, left out")
    for coprocess in out.values():
        context.keep(coprocess)
    return out


def jail(context):
    """Microseconds from the request to the first instruction, and to the end
    (in a cell: with the results taken)."""
    def one(label, field):
        def timed(coprocess):
            def call():
                time.sleep(APART_S)
                return getattr(coprocess.once(), field) / 1000
            return call
        values = context.turns(label, {
            n: timed(c) for n, c in contenders_of(context).items()},
            context.budget(least=20))
        return row("jail", label, "us", values)

    for label, field in (("to the first instruction", "mark"),
                         ("to the end", "wall")):
        context.row("jail", label, lambda: one(label, field))


def jail_rate(context):
    """Whole lives a second, all on one core."""
    count = 20 * context.args.block

    def one(label):
        def timed(coprocess):
            return lambda: count / sum(
                t.wall for t in coprocess.times(count)) * 1000 * MS
        values = context.turns(label, {
            n: timed(c) for n, c in contenders_of(context, pin=0).items()},
            context.budget())
        return row("jail-rate", label, "jails/s", values)

    context.row("jail-rate", "one core", lambda: one("one core"))
