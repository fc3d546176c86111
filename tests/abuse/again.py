# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of refusals.py: what was refused, sent again in a loop
(node/broker/repeat.h).  Order counts, not time.

begin      a client repeats a refused job seven times; five jobs of another one
           are compiled before it has its last answer
comment    the same with a source that differs in a comment, eight at a time
others     meanwhile another client's first refusal is answered before any more
           of the loop's, and so is a build whose every file is refused
many       of the answers that are kept back one client has 64: the next is
           closed, limit.repeat, and another client's are not
forgotten  a minute after `begin` its client is answered as if nothing had been,
           before another's seventh answer
"""
import threading
import time

import refusals
from refusals import (ARGV, PROTOCOLS, Asked, Honest, alone, is_closed, mark,
                      request)

BAD = ['gcc', '-fplugin=x'] + ARGV[1:]
begun = {}


def refused(node, source, text=b'int a;\n', proto=1, argv=None):
    """Ask, wait for the answer; None, or what else came."""
    c = Asked(node, request(proto, argv or BAD, text), source=source).take()
    return None if b'option.plugin' in c.raw else f'no refusal: {c.raw[:60]!r}'


def beside(node, loop, jobs):
    """@jobs honest ones, one after the other, beside @loop: a function that
    runs in a thread; what is wrong."""
    wrong, done = [], []
    t = threading.Thread(target=lambda: wrong.extend(w for w in loop() if w))
    t.start()
    while t.is_alive():
        c = Honest()
        c.source = refusals.HONEST_ADDRESS
        got = alone(node, c)
        if got != 'compiled':
            wrong.append(f'an honest job: {got}')
        elif t.is_alive():
            done.append(got)
    t.join()
    print(f'  {len(done)} honest jobs before the loop had its answers')
    if len(done) < jobs:
        wrong.append(f'{len(done)} honest jobs meanwhile')
    return wrong


def begin(node):
    wrong = beside(node, lambda: [refused(node, '127.1.250.1')
                                  for _ in range(7)], 5)
    begun['at'] = time.monotonic()
    return wrong


def in_threads(n, call):
    out = []
    threads = [threading.Thread(target=lambda i=i: out.extend(call(i)))
               for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return out


def comment(node):
    """64 are free, the others come 20 a second."""
    return beside(node, lambda: in_threads(8, lambda i: [refused(
        node, '127.1.250.2', b'int a; /* %d.%d */\n' % (i, k))
        for k in range(20)]), 5)


def others(node):
    """The loop's next answer takes a second, and two after that."""
    for _ in range(5):
        refused(node, '127.1.250.3')
    wrong, over = [], []

    def loop():
        yield refused(node, '127.1.250.3')
        over.append(1)
        yield refused(node, '127.1.250.3')

    t = threading.Thread(target=lambda: wrong.extend(w for w in loop() if w))
    t.start()
    wrong += [w for w in [refused(node, '127.1.250.4')] if w]
    if over:
        wrong.append("another client's first refusal was kept back")
    for i in range(30):
        name = f'f{i}'
        wrong += [w for w in [refused(node, '127.1.250.5', argv=[
            'gcc', '-fplugin=x', '-c', name + '.c', '-o', name + '.o'])] if w]
    if not t.is_alive():
        wrong.append('a build whose every file is refused was kept back')
    t.join()
    return wrong


def many(node):
    start, wrong = mark(node), []
    for _ in range(4):
        refused(node, '127.1.250.6')
    kept = [Asked(node, request(1, BAD), source='127.1.250.6')
            for _ in range(64)]
    for proto in PROTOCOLS:
        for i in range(4 if proto > 1 else 0):
            refused(node, '127.1.250.6', proto=proto)
        wrong += is_closed(Asked(node, request(proto, BAD),
                                 source='127.1.250.6'), node, start,
                           'limit.repeat', proto)
    for _ in range(5):
        wrong += [w for w in [refused(node, '127.1.250.7')] if w]
    for c in kept:
        c.sock.close()
    return wrong


def forgotten(node):
    time.sleep(max(0, begun['at'] + 61 - time.monotonic()))
    for _ in range(6):
        refused(node, '127.1.250.8')
    over = []
    t = threading.Thread(target=lambda: over.append(
        refused(node, '127.1.250.8')))
    t.start()
    wrong = [w for w in [refused(node, '127.1.250.1')] if w]
    if over:
        wrong.append('it is still kept back after a minute')
    t.join()
    return wrong
