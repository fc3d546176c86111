#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""lengths.py [CASE...]: every number of the protocol at its limits, with as
much behind it as it says, with less, and with none; see hostile_lib.py.
"""
import sys

from hostile_lib import (ARGV, JOBS_BYTES, MIB, Hostile, escape, main,
                         request, storm)

# node/common/limits.h
ARGC, ARG_BYTES, ARGV_BYTES = 16384, 128 * 1024 - 1, 2 * MIB
PATH, FILES, BODIES = 4095, 100000, 512 * MIB
HUGE = 0x7fffffff, 0x80000000, 0xffffffff
PROTOCOL, LIMIT = 'closed conn.protocol', 'closed limit.request'

t, string = escape.token, escape.string
WORDS = t(b'ARGC', len(ARGV)) + b''.join(string(b'ARGV', a) for a in ARGV)
V1 = t(b'DIST', 1) + WORDS
V3 = t(b'DIST', 3) + string(b'CDIR', '/home/u') + WORDS
NAME = string(b'NAME', '/home/u/a.c')
DOTI = t(b'DOTI', 7, b'int a;\n')
BODY = escape.lzo(b'int a;\n')
FILE = t(b'FILE', len(BODY), BODY)
# What is before each number, and behind the string or body that it counts, in
# a request that is good but for it; and the end when it is over its limit.
FIELDS = {
    b'DIST': (b'', b'', WORDS + DOTI, PROTOCOL),
    b'ARGC': (t(b'DIST', 1), b'', WORDS[12:] + DOTI, LIMIT),
    b'ARGV': (t(b'DIST', 1) + t(b'ARGC', 5) + WORDS[12:-15], b'a.o', DOTI,
              LIMIT),
    b'DOTI': (V1, b'int a;\n', b'', LIMIT),
    b'CDIR': (t(b'DIST', 3), b'/home/u', WORDS + t(b'NFIL', 1) + NAME + FILE,
              LIMIT),
    b'NFIL': (V3, b'', NAME + FILE, LIMIT),
    b'NAME': (V3 + t(b'NFIL', 1), b'/home/u/a.c', FILE, LIMIT),
    b'FILE': (V3 + t(b'NFIL', 1) + NAME, BODY, b'', LIMIT),
    b'LINK': (V3 + t(b'NFIL', 2) + NAME + FILE + string(b'NAME', '/home/u/l'),
              b'/home/u/a.c', b'', LIMIT),
}
MOST = {b'DIST': 3, b'ARGC': ARGC, b'ARGV': ARG_BYTES, b'DOTI': BODIES,
        b'CDIR': PATH, b'NFIL': FILES, b'NAME': PATH, b'FILE': BODIES,
        b'LINK': PATH}
# strtoul(3) would take many of them.
NOT_HEX = (b'0000000g', b'       7', b'-0000007', b'+0000007', b'0x000007',
           b'000000 7', b'0000007\0', b'\xff\xff\xff\xff\xff\xff\xff\xff',
           b'7.0e0000', b'\t\t\t\t\t\t\t7')


def raised(name):
    """Over its limit, whatever follows: closed at once, nobody says that no
    more comes."""
    before, data, after, end = FIELDS[name]
    for value in (MOST[name] + 1,) + HUGE:
        for rest in b'', data + after:
            yield Hostile(f'{name.decode()} {value:#x}, {len(rest)} behind it',
                          before + t(name, value) + rest, end)


def not_a_number(name):
    before, data, after, _ = FIELDS[name]
    for digits in NOT_HEX:
        yield Hostile(f'{name.decode()} {digits!r}',
                      before + name + digits + data + after, PROTOCOL)
    for wrong in b'XXXX', name.lower(), name[:3] + b'\0':
        yield Hostile(f'{wrong!r} for {name.decode()}',
                      before + wrong + b'%08x' % len(data) + data + after,
                      PROTOCOL)


def lying(name):
    """A number that is allowed, and not that of the bytes behind it: what is
    taken for a token is none, or the rest never comes."""
    before, data, after, _ = FIELDS[name]
    if name == b'DIST':
        return
    if name in (b'ARGC', b'NFIL'):
        for value in {b'ARGC': (4, 6), b'NFIL': (2, 3)}[name]:
            yield Hostile(f'{name.decode()} {value}, of which there are not',
                          before + t(name, value) + after, PROTOCOL, 'half')
        return
    for value in len(data) - 1, len(data) + 1, MOST[name]:
        end = PROTOCOL
        if not after and value < len(data):
            continue  # what is left over is behind the request
        yield Hostile(f'{name.decode()} {value} for {len(data)} bytes',
                      before + t(name, value) + data + after, end, 'half')


def announced(name):
    """The most that may be, and no byte of it: the node waits."""
    before = FIELDS[name][0]
    yield Hostile(f'{name.decode()} {MOST[name]} announced',
                  before + t(name, MOST[name]), PROTOCOL, 'held')


def beyond(node):
    cases = [c for name in FIELDS for make in (
        announced, raised, not_a_number, lying) for c in make(name)]
    for value in 0, 4:
        cases.append(Hostile(f'DIST {value}', request(1, b'').replace(
            t(b'DIST', 1), t(b'DIST', value)), PROTOCOL))
    cases.append(Hostile('ARGC 0', t(b'DIST', 1) + t(b'ARGC', 0) + DOTI,
                         PROTOCOL))
    for name in b'CDIR', b'NAME', b'LINK':
        before, _, after, _ = FIELDS[name]
        cases.append(Hostile(f'{name.decode()} 0', before + t(name, 0) + after,
                             PROTOCOL))
    cases += sums()
    return storm(node, cases, k=len(cases) * 3 // 4,
                 bound=JOBS_BYTES + 64 * MIB)


def sums():
    """Each within its limit, all together not."""
    word = b'x' * (ARGV_BYTES // 17)
    words = t(b'ARGV', len(word), word) * 18
    yield Hostile('2 MiB of words', t(b'DIST', 1) + t(b'ARGC', 18) + words,
                  LIMIT)
    half = t(b'FILE', 0, b'')
    yield Hostile('bodies of 512 MiB and a byte', V3 + t(b'NFIL', 2) + NAME +
                  FILE + string(b'NAME', '/home/u/b.h') + t(
                      b'FILE', BODIES - len(BODY) + 1), LIMIT)
    name = '/home/u/' + 'd/' * 2030
    many = b''.join(string(b'NAME', f'{name}{n:05d}') + half
                    for n in range(16600))
    yield Hostile('64 MiB of names', V3 + t(b'NFIL', 17000) + many, LIMIT)
    yield Hostile('100,001 files', V3 + t(b'NFIL', FILES + 1) + NAME + FILE,
                  LIMIT)


def path(n):
    """An absolute one of @n bytes."""
    text = '/home/u'
    while n - len(text) > 256:
        text += '/' + 'p' * 255
    return text + '/' + 'p' * (n - len(text) - 1)


def with_words(argv):
    return t(b'DIST', 1) + t(b'ARGC', len(argv)) + b''.join(
        string(b'ARGV', a) for a in argv) + DOTI


def pump(name=NAME, more=b'', cdir='/home/u', n=1):
    return t(b'DIST', 3) + string(b'CDIR', cdir) + WORDS + t(
        b'NFIL', n) + name + FILE + more


def link(target):
    return string(b'NAME', '/home/u/l') + string(b'LINK', target)


def upper(data):
    """The same with upper-case hex."""
    return data.replace(b'%08x' % 11, b'0000000B')


def within(node):
    """0, 1 and the most, with as much behind it: an answer, and which."""
    long_a = string(b'NAME', path(PATH))
    define = ['-DX=' + 'x' * (ARG_BYTES - 4)]
    cases = [
        ('DOTI 0', V1 + t(b'DOTI', 0), 'compiled'),
        ('DOTI 1', V1 + t(b'DOTI', 1, b'\n'), 'compiled'),
        ('upper-case hex', upper(pump()), 'compiled'),
        ('ARGC 1', with_words(['gcc']), 'answered option.input'),
        ('ARGC at its most', with_words(['gcc'] + ['-g'] * (ARGC - 5) +
                                        ARGV[1:]), 'compiled'),
        ('ARGV 0', with_words(ARGV + ['']), 'answered option.input'),
        ('ARGV 0 first', with_words([''] + ARGV[1:]),
         'answered toolchain.unknown'),
        ('ARGV 1', with_words(ARGV + ['x']), 'answered option.input'),
        ('ARGV at its most', with_words(ARGV + define), 'compiled'),
        ('CDIR 1', pump(cdir='/'), 'failed'),
        ('CDIR 1, relative', pump(cdir='x'), 'answered request.cdir'),
        ('CDIR at its most', pump(cdir=path(PATH)), 'failed'),
        ('NFIL 0', V3 + t(b'NFIL', 0), 'failed'),
        ('NAME 1', pump(string(b'NAME', '/')), 'answered request.name'),
        ('NAME 1, relative', pump(string(b'NAME', 'x')),
         'answered request.name'),
        ('NAME at its most', pump(long_a, NAME + FILE, n=2), 'compiled'),
        ('FILE 0', V3 + t(b'NFIL', 1) + NAME + t(b'FILE', 0), 'compiled'),
        ('FILE 1', V3 + t(b'NFIL', 1) + NAME + t(b'FILE', 1, b'\x11'),
         'answered request.body'),
        ('LINK 1', pump(more=link('/'), n=2), 'compiled'),
        ('LINK 1, relative', pump(more=link('x'), n=2),
         'answered request.link'),
        ('LINK at its most', pump(more=link(path(PATH)), n=2), 'compiled'),
    ]
    return storm(node, [Hostile(*c) for c in cases], k=len(cases),
                 bound=JOBS_BYTES + 64 * MIB, window=8)


if __name__ == '__main__':
    sys.exit(main({'beyond': beyond, 'within': within}))
