#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of toolchains are replaced under a node, while jobs run.

replaced.py PORT MONITOR-PID ATTACKER SCRATCH

For tests/escape/with_attacker, where /usr/local and, by tests/compat/replaced,
/usr are this mount namespace's own.  By a rename, as package managers do
it, and in place: cc1, a header of gcc's and a library of both.  Each job is of
one toolchain as a whole, the old or the new one: one that runs meanwhile reads
and makes what it would have without, and of those after it each has cc1,
header and digest of the same generation.
"""
import itertools
import os
import re
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '../escape'))
import escape  # noqa: E402

HOME = '/home/u'
MINE = '/usr/local/include/attack.h'
# macros that take seconds before the header is read
SLOW = '#define M0\n' + ''.join(
    f'#define M{i + 1} ' + f'M{i} ' * 8 + '\n' for i in range(8)) + \
    'M8\n#include <stdbool.h>\nint x;\n'
QUICK = '#include <stdbool.h>\nint x;\n'


def answer(*words):
    return subprocess.run(['gcc', *words], text=True, check=True,
                          stdout=subprocess.PIPE).stdout.strip()


class Host:
    """The three files of the host, and the attacker's."""

    def __init__(self):
        self.cc1 = os.path.realpath(answer('-print-prog-name=cc1'))
        self.header = answer('-print-file-name=include') + '/stdbool.h'
        self.library = os.path.realpath(answer('-print-file-name=libc.so.6'))
        # cc1 writes it into each object
        self.version = re.search(
            r'\((.{8,40})\)', answer('--version')).group(1).encode()
        assert self.version in self.read(self.cc1)

    @staticmethod
    def read(path):
        with open(path, 'rb') as f:
            return f.read()

    @staticmethod
    def put(path, content, renamed):
        if not renamed:
            # Not what runs it: a file of the upper layer's, by and by.
            shutil.copy2(path, path + '.mine')
            os.rename(path + '.mine', path)
            with open(path, 'r+b') as f:
                f.write(content)
                f.truncate()
            return
        with open(path + '.new', 'wb') as f:
            f.write(content)
        shutil.copymode(path, path + '.new')
        os.rename(path + '.new', path)

    def generation(self, n):
        """The files' content as of generation @n."""
        mark = b'GEN%d' % n
        new = self.version[:-len(mark)] + mark
        header = re.sub(rb'\nstatic const char immure_mark.*', b'',
                        self.read(self.header))
        return {
            self.cc1: re.sub(re.escape(self.version[:-len(mark)]) +
                             rb'[ -~]{4}(?=\))', lambda m: new,
                             self.read(self.cc1)),
            self.header: header + b'\nstatic const char immure_mark[] '
                                  b'__attribute__((used)) = "HEADER%d";\n' % n,
            self.library: self.read(self.library) + b'\0',
            MINE: self.read(MINE) + b'\n',
            '/usr/local/bin/gcc-97': self.read('/usr/local/bin/gcc-97') +
            b'\0',
        }


def compile_job(node, source, address='127.0.0.1'):
    return escape.ask(node.port, escape.pump_request(
        ['gcc', '-c', 'case.c', '-o', 'case.o'], HOME,
        {HOME + '/case.c': source.encode()}), True, 120, address)


def marks(made):
    """Generations of (cc1, header) in an object; 0: as it was installed."""
    cc1 = re.search(rb'GEN(\d)\)', made)
    header = re.search(rb'HEADER(\d)', made)
    return (int(cc1.group(1)) if cc1 else 0,
            int(header.group(1)) if header else 0)


def quick_job(node, jobs=itertools.count()):
    """One after the other, each with an address of its own: its reply, and the
    digest that is on record for it."""
    n = next(jobs)
    address = f'127.6.{n // 250}.{n % 250 + 1}'
    reply = compile_job(node, QUICK, address)
    return reply, escape.record_of(address).get('toolchain')


class Running:
    """Jobs that are at work while files change."""

    def __init__(self, node):
        self.node, self.verdict, self.made = node, {}, None
        library = '/.immure/lib/x86_64-linux-gnu/libc.so.6'
        paths = '/.immure/usr/local/bin/gcc-97 ' + library
        self.threads = [threading.Thread(target=self.watch, args=a) for a in (
            (False, paths), (True, paths + ' ' + MINE))]
        self.threads.append(threading.Thread(target=self.compile))
        for t in self.threads:
            t.start()

    def watch(self, pump, paths):
        self.verdict[pump] = self.node.inside('watch', paths, pump)

    def compile(self):
        self.made = compile_job(self.node, SLOW).object()

    def begun(self):
        """All three, and none has ended."""
        found, end = set(), time.monotonic() + 60
        while len(found) < 5 and time.monotonic() < end:
            for pid in escape.below(self.node.monitor):
                try:
                    with open(f'/proc/{pid}/cmdline', 'rb') as f:
                        words = f.read().split(b'\0')
                except OSError:
                    continue
                # each watcher has a child of its own
                if os.path.basename(words[0]) in (b'cc1', b'gcc-97'):
                    found.add(pid)
            time.sleep(0.02)
        return all(t.is_alive() for t in self.threads)

    def join(self):
        for t in self.threads:
            t.join()


def run_jobs(node):
    """Three jobs that are at work, or None: it is too slow here."""
    for _ in range(5):
        running = Running(node)
        if running.begun():
            return running
        running.join()
    return None


def round_of(node, host, n, renamed):
    old = n - 1
    running = run_jobs(node)
    if running is None:
        return 'three jobs do not run at once'
    for path, content in host.generation(n).items():
        host.put(path, content, renamed)
    seen = {}
    end = time.monotonic() + 120
    while time.monotonic() < end and (n, n) not in seen.values():
        made, digest = quick_job(node)
        if made.status != 0:
            return f'a job failed: {made.status} {made.text()[:200]}'
        pair = marks(made.object())
        if seen.setdefault(digest, pair) != pair or pair[0] != pair[1]:
            return f'mixed: cc1 and header {pair}, digests {seen}'
    running.join()
    if marks(running.made) != (old, old):
        return f'the job that ran then: {marks(running.made)}'
    if set(running.verdict.values()) != {'EAGAIN'}:
        return f'files changed under a job: {running.verdict}'
    if list(seen.values()) not in ([(old, old), (n, n)], [(n, n)]):
        return f'never new: {seen}'
    return None


def main():
    node = escape.Node(int(sys.argv[1]), int(sys.argv[2]),
                       sys.argv[3].replace('-99', '-97'), sys.argv[4])
    host = Host()
    first = marks(compile_job(node, QUICK).object())
    if first != (0, 0):
        print(f'not as installed: {first}')
        return 1
    bad = 0
    for n, renamed in (1, True), (2, False):
        wrong = round_of(node, host, n, renamed)
        how = 'renamed' if renamed else 'in place'
        print(f'{how}: {wrong or "whole"}')
        bad += wrong is not None
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
