# SPDX-License-Identifier: GPL-2.0-or-later
"""Cases of refusals.py: a node that is full, and whoever comes then
(security-rules 17: the slowest go first).

connections  20 are all that there are, and 40 clients each hold one between
             words and source, where half an hour is allowed: three honest jobs
             are compiled, and each took the place of one that was slow
replies      the same by clients that do not take their reply
memory       a budget of 8 MiB is all taken by requests that stopped half way:
             an honest job that needs half of it is compiled
own          a client that has used up its own share pays with its own: nobody
             else's request ends
nobody       where not even the bytes of all that are slow would do, no request
             ends, and the newcomer is turned away, limit.budget
time_runs_out  what only stops is ended by its deadline, limit.time; of one
             client no more than limit-client-connections are taken
busy         no job may wait: limit.queue, limit.wait
"""
import select
import time

import refusals
from hostile_lib import Hostile
from refusals import (ARGV, HONEST_ADDRESS, PROTOCOLS, Asked, alone, attack,
                      heads, is_closed, mark, request, settings, t)

MIB = 1 << 20


def ended(many):
    p = select.poll()
    for c in many:
        p.register(c.sock, select.POLLIN)
    gone = {fd for fd, _ in p.poll(0)}
    return [c for c in many if c.sock.fileno() in gone]


def compiled(node, text=b'int honest;\n', proto=1):
    got = alone(node, Hostile('honest', request(proto, ARGV, text), '',
                              source=HONEST_ADDRESS))
    return [] if got == 'compiled' else [f'an honest job: {got}']


def over(node, many, start, least):
    """At least so many of them were ended, with that on record; some were
    not."""
    gone, wrong = ended(many), []
    print(f'  {len(gone)} of {len(many)} made room')
    if not least <= len(gone) < len(many):
        wrong.append(f'{len(gone)} of {len(many)} were ended')
    for c in gone[:least]:
        wrong += is_closed(c, node, start, 'limit.shed', 0)
    for c in many:
        c.sock.close()
    return wrong


def connections(node):
    start = mark(node)
    settings(node, limit_connections=20)
    many = [Asked(node, heads(1 + i % 2, ARGV)) for i in range(40)]
    wrong = [w for i in range(3) for w in compiled(node, proto=1 + i)]
    wrong += over(node, many, start, 3)
    settings(node)
    return wrong


def replies(node):
    start = mark(node)
    big = b'char big[9000000] = { 1 };\n'
    many = [Asked(node, request(1, ARGV, big)) for _ in range(6)]
    for c in many:  # its reply has begun
        c.sock.recv(12)
    settings(node, limit_connections=6)
    wrong = compiled(node)
    # They have not read what came before the end: the record tells.
    said = node.records(start)[0]
    gone = [c for c in many if 'limit.shed' in said.get(c.name, [])]
    print(f'  {len(gone)} of {len(many)} made room')
    if not 1 <= len(gone) < len(many):
        wrong.append(f'{len(gone)} of {len(many)} were ended')
    for c in many:
        c.sock.close()
    settings(node)
    return wrong


def stopped(node, proto, sent, of, source=None):
    """A request of which so many bytes have come, and no more do."""
    if proto == 3:
        h = heads(3, ARGV) + t(b'NFIL', 1) + \
            refusals.string(b'NAME', '/home/u/a.c') + t(b'FILE', of)
    else:
        h = heads(proto, ARGV) + t(b'DOTI', of)
    return Asked(node, h + b'x' * sent, source=source)


def memory(node):
    """Each has sent 1 MiB of 4, and has 2 reserved: no more than there is."""
    start = mark(node)
    settings(node, limit_budget='8M')
    many = [stopped(node, proto, MIB, 4 * MIB) for proto in (1, 2, 3, 1)]
    time.sleep(2.5)  # limit-slow
    wrong = compiled(node, b'/*' + b'x' * 3 * MIB + b'*/int honest;\n')
    wrong += over(node, many, start, 1)
    settings(node)
    return wrong


def own(node):
    start = mark(node)
    settings(node, limit_client_budget='6M')
    bystanders = [stopped(node, 1, MIB, 4 * MIB) for _ in range(4)]
    mine = [stopped(node, proto, MIB, 4 * MIB, '127.1.240.1')
            for proto in PROTOCOLS]
    time.sleep(2.5)
    c = Asked(node, request(1, ARGV, b'/*' + b'x' * 3 * MIB + b'*/int a;\n'),
              source='127.1.240.1').take()
    wrong = [] if b'STAT00000000' in c.raw else [f'its own: {c.raw[:60]!r}']
    if gone := ended(bystanders):
        wrong.append(f'{len(gone)} of other clients were ended')
    for c in bystanders:
        c.sock.close()
    wrong += over(node, mine, start, 1)
    settings(node)
    return wrong


def nobody(node):
    """A job that runs, and requests that have just come."""
    start = mark(node)
    job = Asked(node, attack(b'sleep')(1))
    # none of them has stopped for so long, however busy the machine is
    settings(node, limit_budget='4M', limit_slow=600)
    many = [stopped(node, 1, MIB // 2, MIB) for _ in range(2)]
    wrong = []
    for proto in PROTOCOLS:
        c = stopped(node, proto, 5 * MIB, 6 * MIB)
        wrong += is_closed(c, node, start, 'limit.budget', proto)
    if gone := ended(many + [job]):
        wrong.append(f'{len(gone)} of those that were there were ended')
    for c in many + [job]:
        c.sock.close()
    settings(node)
    return wrong


def time_runs_out(node):
    """No words, no source, half a source; then too many of one client."""
    start, wrong = mark(node), []
    settings(node, limit_token=1, limit_preprocess=1, limit_first_byte=1)
    many = [(1, Asked(node, b'')), (1, Asked(node, heads(1, ARGV)))]
    many += [(p, stopped(node, p, 1000, MIB)) for p in PROTOCOLS]
    for proto, c in many:
        wrong += is_closed(c, node, start, 'limit.time', proto)
    settings(node, limit_client_connections=2)
    for proto in PROTOCOLS:
        client = f'127.1.240.1{proto}'
        kept = [Asked(node, b'D', source=client) for _ in range(2)]
        c = Asked(node, request(proto, ARGV), source=client)
        wrong += is_closed(c, node, start, 'limit.connections', proto)
        for c in kept:
            c.sock.close()
    settings(node)
    return wrong


def busy(node):
    """All slots are taken, and no job may wait; or not so many."""
    start, wrong = mark(node), []
    settings(node, limit_queue=1)
    jobs = [Asked(node, attack(b'sleep')(1))]
    time.sleep(0.5)
    for proto in PROTOCOLS:
        c = Asked(node, request(proto, ARGV))
        wrong += is_closed(c, node, start, 'limit.queue', proto)
    settings(node, max_wait=1)
    slots = len(refusals.processes(node, 'executor'))
    jobs += [Asked(node, attack(b'sleep')(1)) for _ in range(slots)]
    time.sleep(1)
    waits = [(p, Asked(node, request(p, ARGV))) for p in PROTOCOLS]
    for proto, c in waits:
        wrong += is_closed(c, node, start, 'limit.wait', proto)
    for c in jobs:
        c.sock.close()
    settings(node)
    return wrong
