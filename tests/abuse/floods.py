#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""floods.py [CASE...]: many at once; see hostile_lib.py.

drips    2000 clients that send a byte at a time
noise    8500 connections of one client that are not distcc at all
deaf     clients with a large object coming, who take no byte of it
stock    a build of stock clients that do not know when to stop
pumps    the same in pump mode
leavers  half-closed and reset once DONE is being dripped (--drip 1)
rotation jobs from 240 addresses of an IPv6 /64: one client
sites    jobs from 30 networks of a /48
again    the same refused job, each time from another address of a /64
crowd    700 connections from as many addresses of a /64
The last four want NODE_HOST and the addresses of floods.bats.
"""
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile

from hostile_lib import (ARGV, HONEST_ADDRESS, JOBS_BYTES, MIB, Honest,
                         Hostile, Memory, address, afterwards, alone, escape,
                         judge, main, request, storm)

t = escape.token
V6_HONEST = '2001:db8:3::1'


def drips(node):
    cases = []
    for i in range(2000):
        if i % 50 == 0:  # some of them compile
            data, want = request(1 + i // 50 % 3, b'int a;\n'), 'compiled'
        else:
            argv = [f'nocc{i}'] + ARGV[1:]
            data = request(1 + i % 3, b'int a;\n', argv)
            want = 'answered toolchain.unknown'
        cases.append(Hostile(f'drip {i}', data, want, drip=True))
    return storm(node, cases, k=200, bound=JOBS_BYTES + 256 * MIB,
                 window=len(cases), per_second=None, honest_jobs=3)


# All of one word, since ports come again; lengths.py has too many words.
NOISE = [
    b'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    b'POST /json HTTP/1.0\r\nContent-Length: 9\r\n\r\n' + b'x' * 9,
    b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'a' * 500,
    b'SSH-2.0-OpenSSH_9.2\r\n',
    b'*' + b'TLEN00000008' + b'gssapi..',
    b'*TLENffffffff',
    b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + b'\0' * 12,
    b'PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n',
    b'\0' * 4096, b'\xff' * 4096, b'%n%s%x' * 100, b'\n' * 4096,
    t(b'DIST', 1) + t(b'ARGC', 0), t(b'DIST', 1) + t(b'ARGV', 1),
    t(b'DIST', 0) + t(b'ARGC', 1), t(b'DIST', 4) + t(b'ARGC', 1),
]


def noise(node):
    """Of one client, whose large job must fit afterwards: each connection has
    256 KiB of its budget of 2 GiB when its first byte comes."""
    cases = [Hostile(repr(NOISE[i % len(NOISE)][:20]), NOISE[i % len(NOISE)],
                     'closed conn.protocol', source=address(0))
             for i in range(8500)]
    for c in cases[::9]:
        c.name, c.data, c.manner = 'a GSS client', b'*', 'half'
    return storm(node, cases, k=len(cases) // 2, window=256, per_second=None,
                 exact=False, bound=JOBS_BYTES + 128 * MIB)


def deaf(node):
    """The node keeps what it has made for them, and no more: 8 MB each, which
    may be there twice, as a memfd and in a front's map of it.  (Compressed it
    would all be in the socket.)"""
    cases = [Hostile(f'deaf {i}', request(1, b'char big[8000000] = { %d };\n'
                                          % (i + 1)),
                     'closed conn.gone|client.gone', 'deaf')
             for i in range(24)]
    return storm(node, cases, k=0, window=len(cases), honest_jobs=20,
                 bound=JOBS_BYTES + 24 * 20 * MIB)


def slow(n, i):
    """@n functions; some 3 ms each."""
    return b''.join(b'int f%d_%d(int a){int i,s=0;for(i=0;i<a;i++)s+=i*a%%7;'
                    b'return s;}\n' % (i, j) for j in range(n))


def stock_client(node, scratch, i, pump=False):
    """A client of distcc itself; every third is refused."""
    home = os.path.join(scratch, str(i))
    os.makedirs(home)
    with open(os.path.join(home, 'x.c'), 'w') as f:
        f.write(slow(15, i).decode())
    env = dict(os.environ, DISTCC_DIR=home, DISTCC_FALLBACK='0', LC_ALL='C',
               DISTCC_HOSTS=f'127.0.0.1:{node.port}/400' + (
                   ',cpp,lzo' if pump else ',lzo' * (i % 2)),
               DISTCC_BACKOFF_PERIOD='0', TMPDIR=home)
    bad = ['-fplugin=x'] if i % 3 == 0 else []
    with open(os.path.join(home, 'said'), 'wb') as said:
        return subprocess.Popen(
            ['distcc', 'gcc', '-O2'] + bad + ['-c', 'x.c', '-o', 'x.o'], cwd=home,
            env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)


def stock_ends(clients, scratch):
    for i, p in enumerate(clients):
        status = p.wait(timeout=120)
        made = os.path.exists(os.path.join(scratch, str(i), 'x.o'))
        if (status == 0, made) != (i % 3 != 0, i % 3 != 0):
            with open(os.path.join(scratch, str(i), 'said')) as f:
                yield f'client {i}: exit {status}, {f.read()[:200]}'


def stock(node, pump=False):
    """Without a back-off they would come again at once for ever, were they
    closed and not answered (wire-protocol 1.6)."""
    before, idle, answers, wrong = node.settled(), node.memory(), [], []
    scratch = tempfile.mkdtemp(prefix='immure-stock.')
    with Memory(node) as memory:
        clients = []
        while len(clients) < 60 or any(p.poll() is None for p in clients):
            if len(clients) < 60:
                clients += [stock_client(node, scratch, len(clients) + i,
                                         pump) for i in range(15)]
            c = Honest()
            c.source = HONEST_ADDRESS
            got = alone(node, c)
            answers.append(sum(p.poll() is not None for p in clients))
            if got != 'compiled':
                wrong.append(f'an honest job: {got}')
        wrong += stock_ends(clients, scratch)
    shutil.rmtree(scratch)
    print(f'  {len(clients)} clients, honest jobs done when {answers[:3]} of '
          f'them had finished; at most '
          f'{max(0, memory.most.value - idle) // MIB} MiB more')
    wrong += judge(answers, len(clients) // 2, 2, memory.most.value, idle,
                   JOBS_BYTES + 128 * MIB)
    return wrong[:10] + afterwards(node, before, '127.0.0.1')


def pumps(node):
    """The same in pump mode, by one include server (INCLUDE_SERVER_PORT);
    each job must have come by that protocol."""
    start = os.path.getsize(node.audit)
    wrong = stock(node, pump=True)
    with open(node.audit, 'rb') as f:
        f.seek(start)
        jobs = [json.loads(line) for line in f]
    came = [j['protocol'] for j in jobs
            if j['type'] == 'job' and 'x.c' in j['argv']]
    if came != [3] * 60:
        wrong.append(f'60 files came as {sorted(came)}')
    return wrong


def leavers(node):
    """What has come by then is the beginning of a reply, and all that comes;
    the job ends, so that others need not wait for its slot."""
    argv = ['gcc', '-O2'] + ARGV[1:]
    cases = [Hostile(f'leaver {i}', request(1 + i % 3, slow(1500, i), argv),
                     'cut client.gone' if i % 2 else 'closed client.gone',
                     'leave' if i % 2 else 'leap', address(i % 3))
             for i in range(100)]
    return storm(node, cases, k=80, bound=JOBS_BYTES + 256 * MIB)


def v6_storm(node, sources, k, want='compiled', make=None, **more):
    make = make or (lambda i: request(1 + i % 3, slow(20, i)))
    cases = [Hostile(f'{i} from {source}', make(i), want, source=source)
             for i, source in enumerate(sources)]
    return storm(node, cases, k=k, window=len(cases), per_second=None,
                 bound=JOBS_BYTES + 128 * MIB, honest_from=V6_HONEST, **more)


def rotation(node):
    """A client that was not here before is thought to bring jobs of a second
    (node/broker/share.h): before its first one go as many of the others' as
    take so long."""
    return v6_storm(node, [f'2001:db8:1::{i:x}' for i in range(1, 241)],
                    k=200, honest_jobs=3)


def sites(node):
    """The second job of a client that was not here before waits longer."""
    return v6_storm(node, [f'2001:db8:1:{i % 30 + 1:x}::1' for i in range(120)],
                    k=40)


def again(node):
    """Seven times is too often, whoever of them it was: the last two answers
    come a second and two later (node/broker/repeat.h), and honest jobs go on
    meanwhile."""
    same = request(1, b'int a;\n', ['gcc', '-fplugin=x'] + ARGV[1:])
    return v6_storm(node, [f'2001:db8:1::{i:x}' for i in range(1, 8)], k=6,
                    want='answered option.plugin', make=lambda i: same,
                    honest_jobs=3)


def crowd(node):
    """LIMIT_CLIENT_CONNS of them are kept."""
    before, kept, poll = node.settled(), [], select.poll()
    for i in range(1, 701):
        s = socket.socket(socket.AF_INET6)
        s.bind((f'2001:db8:1::{i:x}', 0))
        s.connect((node.host, node.port))
        poll.register(s, select.POLLIN | select.POLLHUP)
        kept.append(s)
    c = Honest()
    c.source = V6_HONEST
    wrong = [w for w in [alone(node, c)] if w != 'compiled']
    ended = len(poll.poll(1000))
    if ended != 700 - 512:
        wrong.append(f'{ended} of 700 were closed')
    for s in kept:
        s.close()
    return wrong + afterwards(node, before, '2001:db8:1::1')


if __name__ == '__main__':
    sys.exit(main({'drips': drips, 'noise': noise, 'deaf': deaf,
                   'stock': stock, 'pumps': pumps, 'leavers': leavers, 'rotation': rotation,
                   'sites': sites, 'again': again, 'crowd': crowd}))
