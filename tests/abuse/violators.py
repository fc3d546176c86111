#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""violators.py PORT MONITOR-PID ATTACKER SCRATCH WHAT: jobs that end slots.

For tests/escape/with_attacker, whose compiler makes forbidden calls on demand.

beside   24 violations, each from an address of its own, beside one client's
         honest jobs: every honest job is answered, and compiled
again    eight violations of one client, one after the other: before they are
         answered five jobs of another one are
After either the slots were built anew, and no role died.  Exit status 0 when
the node does what it should; why not, otherwise.
"""
import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../escape'))
from escape import plain_request  # noqa: E402 (a test beside this one)

VIOLATIONS = 24


def job(port, source, text):
    """The whole reply, or what came of it."""
    argv = ['gcc-99', '-c', 'case.c', '-o', 'case.o']
    reply = b''
    with socket.socket() as s:
        s.bind((source, 0))
        s.settimeout(60)
        s.connect(('127.0.0.1', port))
        s.sendall(plain_request(argv, text))
        try:
            while piece := s.recv(65536):
                reply += piece
        except ConnectionError:
            pass
    return reply


def honest(port, source):
    reply = job(port, source, b'int honest;\n')
    return b'STAT00000000' in reply and b'DOTO' in reply


def violate(port, source):
    return job(port, source, b'attack violate\n')


class Honest:
    """A client that compiles until told to stop."""

    def __init__(self, port, source):
        self.jobs = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(port, source))
        self.thread.start()

    def run(self, port, source):
        while not self.over.is_set():
            self.jobs.append(honest(port, source))

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.jobs


def beside(port):
    answers = []
    clients = [Honest(port, '127.0.6.1') for _ in range(4)]
    many = [threading.Thread(target=lambda i=i: answers.append(
        violate(port, '127.0.5.%d' % i))) for i in range(1, VIOLATIONS + 1)]
    for t in many:
        t.start()
    for t in many:
        t.join()
    jobs = [j for c in clients for j in c.stop()]
    if len(answers) != VIOLATIONS or not all(b'DONE' in a for a in answers):
        return '%d of %d violations have an answer' % (
            sum(b'DONE' in a for a in answers), VIOLATIONS)
    if not all(jobs) or len(jobs) < 8:
        return '%d of %d honest jobs were not compiled' % (
            jobs.count(False), len(jobs))
    return None


def again(port):
    other = Honest(port, '127.0.6.2')
    answers = [violate(port, '127.0.5.1') for _ in range(8)]
    jobs = other.stop()
    if not all(b'DONE' in a for a in answers):
        return 'a violation has no answer'
    if not all(jobs):
        return '%d jobs of another were not compiled' % jobs.count(False)
    # 0.5 + 1 + 2 s it waits, and nobody else does
    return None if len(jobs) >= 20 else '%d jobs meanwhile' % len(jobs)


def logged(word):
    with open(os.environ['NODE_LOG']) as f:
        return sum(word in line for line in f)


def main():
    port, what = int(sys.argv[1]), sys.argv[5]
    fault = {'beside': beside, 'again': again}[what](port)
    if fault is None and not honest(port, '127.0.6.3'):
        fault = 'the node compiles no more'
    if fault is None and (not logged('slot.rebuild') or logged('role.died')):
        fault = '%d slots were built anew, %d roles died' % (
            logged('slot.rebuild'), logged('role.died'))
    if fault is not None:
        print('%s: %s' % (what, fault))
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
