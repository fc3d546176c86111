# SPDX-License-Identifier: GPL-2.0-or-later
"""Timing: programs that time one thing at our word (coprocess.h), and the
turns that contenders take."""
import collections
import os
import subprocess
import tempfile
import threading
import time

TREE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BUILD = os.path.join(TREE, os.environ.get("B", "build"))
PROGRAMS = os.path.join(BUILD, "tests", "bench")
MS = 1e6  # nanoseconds

# Rounds go on for @seconds, but are at least @least and at most @most.  Before
# them @warm are not counted: caches, a compiler's first job.
Budget = collections.namedtuple("Budget", "seconds least most warm")
Timing = collections.namedtuple("Timing", "wall cpu mark status")


class Failed(Exception):
    pass


class Coprocess:
    """One of ours, waiting for its turn."""

    def __init__(self, program, *words, cwd=None, env=None, pin=None):
        argv = [os.path.join(PROGRAMS, program), *map(str, words)]
        if pin is not None:
            argv = ["taskset", "-c", str(pin)] + argv
        self.what = " ".join(argv)
        self.said = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            argv, cwd=cwd, env=env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self.said, text=True)

    def fail(self, how):
        self.said.seek(0)
        text = self.said.read()[-2000:].decode(errors="replace")
        raise Failed(f"{self.what}: {how}\n{text}")

    def times(self, n):
        """It, @n times over."""
        try:
            self.process.stdin.write(f"{n}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.fail("gone")
        return [self.read() for _ in range(n)]

    def read(self):
        words = self.process.stdout.readline().split()
        if len(words) != 4:
            self.fail("no figures")
        timing = Timing(*map(int, words))
        if timing.status != 0:
            self.fail(f"status {timing.status:#x}")
        return timing

    def once(self):
        return self.times(1)[0]

    def wall(self):
        return self.once().wall / MS

    def mark(self):
        return self.once().mark / MS

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.said.close()


def turns(contenders, budget, show=lambda done: None):
    """{name: values} of {name: what gives one}.  All have a turn in each
    round, and each begins as often as any other."""
    names = list(contenders)
    values = {name: [] for name in names}
    end = time.monotonic() + budget.seconds
    done = -budget.warm
    while done < budget.least or (done < budget.most and
                                  time.monotonic() < end):
        first = done % len(names)
        for name in names[first:] + names[:first]:
            value = contenders[name]()
            if done >= 0:
                values[name].append(value)
        done += 1
        if done == 0:
            end = time.monotonic() + budget.seconds
        show(max(done, 0))
    return values


class Crowd:
    """Several coprocesses at work at once, each as soon as it can."""

    def __init__(self, coprocesses, jobs):
        self.coprocesses, self.jobs = coprocesses, jobs
        self.latencies = []  # of each job, ms
        self.wrong = []

    def work(self, coprocess):
        try:
            for _ in range(self.jobs):
                self.latencies.append(coprocess.wall())
        except Failed as e:
            self.wrong.append(e)

    def rate(self):
        """Jobs a second, of one block of @jobs for each."""
        threads = [threading.Thread(target=self.work, args=[c])
                   for c in self.coprocesses]
        start = time.perf_counter()
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        took = time.perf_counter() - start
        if self.wrong:
            raise self.wrong[0]
        return len(threads) * self.jobs / took
