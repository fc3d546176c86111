#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What strangers send to the port of a running node.

hostile.py PORT MONITOR-PID

Each peer must be closed or answered within a bound; an honest job works
meanwhile and afterwards; no process of the node dies, and none keeps a
descriptor.  Needs root (to count descriptors).
"""
import os
import random
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'escape'))
import escape  # noqa: E402
import roles   # noqa: E402

BOUND_S = 10
ARGV = ['gcc', '-c', 'a.c', '-o', 'a.o']
HONEST = escape.plain_request(ARGV, b'int x;\n')
PUMP = escape.pump_request(ARGV, '/home/u', {'/home/u/a.c': b'int x;\n'})


def connect(port):
    s = socket.create_connection(('127.0.0.1', port), BOUND_S)
    s.settimeout(BOUND_S)
    return s


def drain(s):
    """Everything until the end: 'closed', 'answered' or 'hung'."""
    raw = b''
    try:
        while True:
            more = s.recv(65536)
            if not more:
                break
            raw += more
    except ConnectionError:
        pass
    except TimeoutError:
        return 'hung'
    return 'answered' if escape.Reply(raw, False).whole else \
        'closed' if raw == b'' else 'cut off'


def send(port, data, end=True):
    """Send @data, say that no more comes, and see what happens."""
    with connect(port) as s:
        try:
            s.sendall(data)
            if end:
                s.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # closed already
        return drain(s)


def t(name, value, data=b''):
    return escape.token(name, value, data)


START = t(b'DIST', 1) + t(b'ARGC', 1) + escape.string(b'ARGV', 'gcc')
START3 = t(b'DIST', 3) + escape.string(b'CDIR', '/home/u') + \
    t(b'ARGC', 1) + escape.string(b'ARGV', 'gcc')

# name, bytes: never to be answered with anything but a close or a refusal,
# and without a half-close to help.
GARBAGE = [
    ('HTTP', b'GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    ('TLS hello', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + b'a' * 500),
    ('SSH', b'SSH-2.0-x\r\n'),
    ('GSS', b'*'),
    ('PROXY v2', b'\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c' + b'\0' * 12),
    ('zeros', b'\0' * 4096),
    ('ones', b'\xff' * 4096),
    ('version 0', t(b'DIST', 0)),
    ('version 4', t(b'DIST', 4)),
    ('version ffffffff', t(b'DIST', 0xffffffff)),
    ('no hex', b'DIST0000000g'),
    ('sign', b'DIST-0000001'),
    ('blank', b'DIST       1'),
    ('0x', b'DIST0x000001'),
    ('lower name', b'dist00000001'),
    ('ARGC 0', t(b'DIST', 1) + t(b'ARGC', 0)),
    ('ARGC ffffffff', t(b'DIST', 1) + t(b'ARGC', 0xffffffff)),
    ('ARGC 80000000', t(b'DIST', 1) + t(b'ARGC', 0x80000000)),
    ('ARGV ffffffff', t(b'DIST', 1) + t(b'ARGC', 1) + t(b'ARGV', 0xffffffff)),
    ('ARGV 1 MiB', t(b'DIST', 1) + t(b'ARGC', 1) + t(b'ARGV', 1 << 20)),
    ('ARGV NUL', t(b'DIST', 1) + t(b'ARGC', 1) + t(b'ARGV', 3, b'g\0c')),
    ('DOTI ffffffff', START + t(b'DOTI', 0xffffffff)),
    ('DOTI 7fffffff', START + t(b'DOTI', 0x7fffffff)),
    ('DOTI for ARGV', t(b'DIST', 1) + t(b'ARGC', 1) + t(b'DOTI', 1, b'x')),
    ('ARGV for DOTI', START + escape.string(b'ARGV', 'x')),
    ('NFIL ffffffff', START3 + t(b'NFIL', 0xffffffff)),
    ('FILE ffffffff', START3 + t(b'NFIL', 1) +
     escape.string(b'NAME', '/home/u/a.c') + t(b'FILE', 0xffffffff)),
    ('NAME ffffffff', START3 + t(b'NFIL', 1) + t(b'NAME', 0xffffffff)),
    ('NAME empty', START3 + t(b'NFIL', 1) + t(b'NAME', 0)),
    ('CDIR empty', t(b'DIST', 3) + t(b'CDIR', 0)),
    ('CDIR in v1', t(b'DIST', 1) + escape.string(b'CDIR', '/')),
]

# Complete requests that must be answered, and not with an object.
REFUSED = [
    ('unknown compiler', escape.plain_request(['nocc', '-c', 'a.c'], b'')),
    ('shell', escape.plain_request(['sh', '-c', 'id'], b'')),
    ('a path', escape.plain_request(['/bin/sh', '-c', 'a.c'], b'')),
    ('dots', escape.plain_request(['../../bin/sh', '-c', 'a.c'], b'')),
    ('semicolon', escape.plain_request(['gcc;id', '-c', 'a.c'], b'')),
    ('empty compiler', escape.plain_request(['', '-c', 'a.c'], b'')),
    ('minus', escape.plain_request(['-c', 'a.c'], b'')),
    ('bare -MT', escape.plain_request(['gcc', '-c', 'a.c', '-MT'], b'')),
    ('bare -o', escape.plain_request(['gcc', '-c', 'a.c', '-o'], b'')),
    ('two sources', escape.plain_request(['gcc', '-c', 'a.c', 'b.c'], b'')),
    ('no source', escape.plain_request(['gcc', '-c'], b'')),
    ('not LZO', escape.pump_request(ARGV, '/home/u', {}).replace(
        t(b'NFIL', 0), t(b'NFIL', 1)) + escape.string(
            b'NAME', '/home/u/a.c') + t(b'FILE', 4, b'\xff' * 4)),
    ('bomb', None),  # below
    ('name with dots', escape.pump_request(
        ARGV, '/home/u', {'/home/u/../../etc/a.c': b'x'})),
    ('name below /etc', escape.pump_request(
        ARGV, '/home/u', {'/etc/a.c': b'x'})),
    ('name in the toolchain', escape.pump_request(
        ARGV, '/home/u', {'/usr/lib/gcc/x86_64-linux-gnu/12/specs': b'x',
                          '/home/u/a.c': b'int x;'})),
    ('relative name', escape.pump_request(ARGV, '/home/u', {'a.c': b'x'})),
    ('CDIR with dots', escape.pump_request(ARGV, '/home/u/..', {})),
    ('relative CDIR', escape.pump_request(ARGV, 'home', {})),
]


def link(name, target):
    return escape.string(b'NAME', name) + escape.string(b'LINK', target)


def links(*pairs, files=()):
    r = t(b'DIST', 3) + escape.string(b'CDIR', '/home/u')
    r += t(b'ARGC', len(ARGV)) + b''.join(
        escape.string(b'ARGV', a) for a in ARGV)
    r += t(b'NFIL', len(pairs) + len(files))
    r += b''.join(link(*p) for p in pairs)
    for name, text in files:
        body = escape.lzo(text)
        r += escape.string(b'NAME', name) + t(b'FILE', len(body), body)
    return r


REFUSED += [
    ('link above the toolchain', links(
        ('/usr/lib/gcc', '/home/u/x'), files=[
            ('/home/u/x/x86_64-linux-gnu/12/specs', b'*cc1:\n'),
            ('/home/u/a.c', b'int x;\n')])),
    ('link over /usr', links(('/usr', '/home/u'),
                             files=[('/home/u/a.c', b'int x;\n')])),
    ('file through a link', links(
        ('/home/u/l', '/usr/lib'),
        files=[('/home/u/l/x', b'x'), ('/home/u/a.c', b'int x;\n')])),
    ('link loop', links(('/home/u/a.c', '/home/u/b.c'),
                        ('/home/u/b.c', '/home/u/a.c'))),
    ('the output is a link', links(
        ('/tmp/.immure/o', '/home/u/x'),
        files=[('/home/u/a.c', b'int x;\n')])),
    ('the output directory is a link', links(
        ('/tmp/.immure', '/home/u'),
        files=[('/home/u/a.c', b'int x;\n')])),
]


def bomb():
    """LZO that unpacks to some 250 times its size: zeros from one match."""
    match = bytes([32]) + b'\0' * 500000 + bytes([1, 0, 0])
    body = bytes([17 + 4]) + b'\0' * 4 + match * 16 + b'\x11\0\0'
    return (t(b'DIST', 3) + escape.string(b'CDIR', '/home/u') +
            t(b'ARGC', len(ARGV)) +
            b''.join(escape.string(b'ARGV', a) for a in ARGV) +
            t(b'NFIL', 1) + escape.string(b'NAME', '/home/u/a.c') +
            t(b'FILE', len(body), body))


def honest(port):
    r = escape.ask(port, HONEST, False, BOUND_S)
    return [] if r.status == 0 and r.whole else \
        [f'an honest job: status {r.status}']


def fds(monitor):
    """Descriptors of fronts, broker and monitor, by pid."""
    processes = roles.tree(monitor)
    return {(roles.role_of(p, monitor, processes), p.pid):
            len(list(p.fds())) for p in processes.values() if
            roles.role_of(p, monitor, processes) in
            ('monitor', 'front', 'broker')}


def settled_fds(monitor, want, seconds=8):
    end = time.monotonic() + seconds
    while True:
        now = fds(monitor)
        if now == want or time.monotonic() > end:
            return now
        time.sleep(0.1)


def garbage(port):
    for name, data in GARBAGE:
        for end in True, False:
            # less than a token's 12 bytes may wait for the rest of it
            if not end and len(data) < 12:
                continue
            got = send(port, data, end)
            if got != 'closed':
                yield f'{name}: {got}'


def refused(port):
    for name, data in REFUSED:
        # what a bomb unpacks to before it is one takes a while
        r = escape.ask(port, data or bomb(), True,
                       BOUND_S if data else 4 * BOUND_S)
        if not r.whole:
            yield f'{name}: no answer ({r.raw[:60]!r})'
        elif r.status == 0 or r.parts[b'DOTO']:
            yield f'{name}: status {r.status}'


def truncated(port):
    for whole in HONEST, PUMP:
        for n in range(len(whole)):
            got = send(port, whole[:n])
            if got != 'closed':
                yield f'{n} bytes of {len(whole)}: {got}'


def slow(port):
    """One byte at a time is slow, not wrong."""
    with connect(port) as s:
        for b in PUMP:
            s.sendall(bytes([b]))
            time.sleep(0.001)
        if drain(s) != 'answered':
            yield 'one byte at a time: not answered'
    with connect(port) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack('ii', 1, 0))
        s.sendall(HONEST)  # and reset
    with connect(port) as s:
        s.sendall(HONEST + b'extra' * 1000)
        if drain(s) != 'answered':
            yield 'bytes behind the request: not answered'


def deaf(port):
    """Peers that take no reply hold up nobody."""
    held = []
    big = escape.plain_request(
        ['gcc', '-c', 'a.c', '-o', 'a.o'],
        b'char big[8000000] = { 1 };\n')
    for _ in range(8):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        s.connect(('127.0.0.1', port))
        s.sendall(big)
        held.append(s)
    for _ in range(5):
        yield from honest(port)
    for s in held:
        s.close()


def crowd(port):
    """Hundreds of connections of every kind, then all gone at once."""
    held = []
    for n in range(400):
        s = socket.create_connection(('127.0.0.1', port), BOUND_S)
        held.append(s)
        if n % 2:
            s.sendall(b'D')
    for s in held:
        if random.random() < 0.5:
            s.sendall(b'IST0000')
    yield from honest(port)
    for s in held:
        s.close()
    yield from honest(port)


def noise(port, rounds):
    """A valid request with bytes changed at random: closed or answered."""
    for _ in range(rounds):
        data = bytearray(random.choice((HONEST, PUMP)))
        for _ in range(random.randint(1, 4)):
            data[random.randrange(len(data))] = random.randrange(256)
        got = send(port, bytes(data))
        # half-closed while it is compiled is an abort: closed
        if got not in ('closed', 'answered'):
            yield f'{bytes(data)!r}: {got}'


def main():
    port, monitor = int(sys.argv[1]), int(sys.argv[2])
    seed = int(os.environ.get('SEED', time.time_ns() % 1000000))
    random.seed(seed)
    print(f'SEED={seed}')
    wrong = honest(port)
    before = settled_fds(monitor, None, 1)
    for name, part in (
            ('garbage', garbage(port)), ('refused', refused(port)),
            ('truncated', truncated(port)),
            ('slow', slow(port)), ('deaf', deaf(port)),
            ('crowd', crowd(port)),
            ('noise', noise(port, 300))):
        start = time.monotonic()
        found = list(part) + honest(port)
        wrong += [f'{name}: {w}' for w in found]
        print(f'{name}: {time.monotonic() - start:.1f} s, '
              f'{len(found)} wrong')
    after = settled_fds(monitor, before)
    if after != before:
        wrong.append(f'descriptors or processes: {before} before, {after}')
    for w in wrong:
        print(w)
    return 1 if wrong else 0


sys.exit(main())
