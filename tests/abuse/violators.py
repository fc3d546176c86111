#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""violators.py PORT MONITOR-PID ATTACKER SCRATCH WHAT: jobs that end slots.

For tests/escape/with_attacker, whose compiler makes forbidden calls on demand.

beside   24 violations, each from an address of its own, beside one client's
         honest jobs: every honest job is answered, and compiled
again    eight violations of one client, one after the other: before they are
         answered five jobs of another one are
words    what the client of a violation gets, in each protocol: a whole reply of
         the one word, and one record with the call
After each the slots were built anew, and no role died.  Exit status 0 when
the node does what it should; why not, otherwise.
"""
import json
import os
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '../escape'))
import escape  # noqa: E402 (a test beside this one)
from escape import plain_request  # noqa: E402 (a test beside this one)

VIOLATIONS = 24
TEXT = b'immured: cell.violation: '


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


def request(proto):
    text = b'attack violate\n'
    argv = ['gcc-99', '-c', 'case.c', '-o', 'case.o']
    if proto == 3:
        return escape.pump_request(argv, '/home/u', {'/home/u/case.c': text})
    if proto == 1:
        return plain_request(argv, text)
    body = escape.lzo(text)
    words = b''.join(escape.string(b'ARGV', a) for a in argv)
    return (escape.token(b'DIST', 2) + escape.token(b'ARGC', len(argv)) +
            words + escape.token(b'DOTI', len(body), body))


def wrong_reply(port, proto):
    """Why the reply is not as documented, or None."""
    reply = escape.ask(port, request(proto), proto == 3,
                       source='127.0.5.%d' % (100 + proto))
    raw = reply.raw
    if raw[:12] != b'DONE%08x' % proto or not reply.whole:
        return 'no whole reply: %r' % raw[:200]
    if reply.status != (9 if proto == 3 else 109 << 8):
        return 'status %#x' % reply.status
    if TEXT not in reply.parts[b'SERR'] or reply.parts[b'DOTO']:
        return '%r' % reply.parts
    return None


def violations_on_record():
    with open(os.environ['NODE_AUDIT']) as f:
        jobs = [r for r in map(json.loads, f) if r['type'] == 'job']
    return [j for j in jobs if j.get('reason') == 'cell.violation']


def words(port):
    for proto in 1, 2, 3:
        fault = wrong_reply(port, proto)
        if fault is not None:
            return 'protocol %d: %s' % (proto, fault)
    end = time.monotonic() + 10
    while len(violations_on_record()) < 3 and time.monotonic() < end:
        time.sleep(0.05)
    for job_record in violations_on_record():
        v = job_record.get('violation', {})
        if (v.get('call'), v.get('arch')) != ('kcmp', os.uname().machine):
            return 'on record: %r' % v
    found = len(violations_on_record())
    return None if found == 3 else '%d of 3 on record' % found


def lines(word):
    with open(os.environ['NODE_LOG']) as f:
        return [line.strip() for line in f if word in line]


def logged(word):
    return len(lines(word))


def main():
    port, what = int(sys.argv[1]), sys.argv[5]
    fault = {'beside': beside, 'again': again, 'words': words}[what](port)
    if fault is None and not honest(port, '127.0.6.3'):
        fault = 'the node compiles no more'
    if fault is None and (not logged('slot.rebuild') or logged('role.died')):
        fault = '%d slots were built anew, %d roles died' % (
            logged('slot.rebuild'), logged('role.died'))
    if fault is not None:
        print('%s: %s' % (what, fault))
        # why a role died it says itself, before
        print('\n'.join(line for line in lines('(executor) ')
                        if 'cell.violation' not in line), *lines('role.died'),
              sep='\n')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
