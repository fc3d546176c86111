#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""lzo.py [CASE...]: LZO1X that is none, that lies, and that swells, as the
source of a v2 job and as a file of a v3 job (wire-protocol 1.7); see
hostile_lib.py.
"""
import sys

from hostile_lib import (ARGV, JOBS_BYTES, MIB, Hostile, escape, main, storm)

t, string = escape.token, escape.string
WORDS = t(b'ARGC', len(ARGV)) + b''.join(string(b'ARGV', a) for a in ARGV)
END = b'\x11\0\0'
# node/common/limits.h
UNPACKED = 1024 * MIB
BODY = 'answered request.body'


def lzo2(body, n=None):
    return t(b'DIST', 2) + WORDS + t(b'DOTI', len(body) if n is None else n,
                                     body)


def pump(files):
    r = t(b'DIST', 3) + string(b'CDIR', '/home/u') + WORDS
    r += t(b'NFIL', len(files))
    return r + b''.join(string(b'NAME', name) + t(b'FILE', len(body), body)
                        for name, body in files)


def lzo3(body):
    return pump([('/home/u/a.c', body)])


def run(text):
    """Literals, and no end."""
    return escape.lzo(text)[:-3]


def swell(n, match=MIB):
    """@n newlines out of n / 255 bytes: four literals, and matches that
    overlap what they make.  A longer one than there is room for would be
    found out before a byte of it is written."""
    out = run(b'\n' * 4)
    left = n - 4
    while left > 0:
        part = left if left < 2 * match else match
        zeros, rest = divmod(part - 2 - 31 - 1, 255)
        out += b'\x20' + b'\0' * zeros + bytes([rest + 1, 0, 0])
        left -= part
    return out + END


SOURCE = b'int squeezed(int a) { return a; }\n'
GOOD = run(SOURCE) + END
# name, block, end
BLOCKS = [
    ('good', GOOD, 'compiled'),
    ('empty', b'', 'compiled'),
    ('its end alone', END, 'compiled'),
    ('an overlap', run(SOURCE) + b'\x20' + b'\0' * 10 + b'\x01\0\0' + END,
     'compiled'),
    ('before the beginning', run(SOURCE) + b'\x3f\xfc\xff' + END, BODY),
    ('before the beginning, far', run(SOURCE) + b'\x18\xfc\xff' + END, BODY),
    ('before the beginning, at once', b'\x20\x01\0\0' + END, BODY),
    ('one before the beginning', run(b'abcd') + b'\x23\x10\0' + END, BODY),
    ('more behind the end', GOOD + b'\n', BODY),
    ('two blocks', GOOD + GOOD, BODY),
    ('no end', run(SOURCE), BODY),
    ('a run that is longer than all', bytes([17 + 200]) + SOURCE + END, BODY),
    ('a run without an end to its length', b'\0' * 4096, BODY),
    ('a run of 2^32', b'\0' * (2**32 // 255 // 64) + b'\1' + END, BODY),
    ('a match without an end to its length', run(SOURCE) + b'\x20' +
     b'\0' * 4096, BODY),
    ('all bits', b'\xff' * 4096, BODY),
    ('gzip', b'\x1f\x8b\x08\0\0\0\0\0\0\3' + b'\x4b' * 40, BODY),
    ('plain text', SOURCE, BODY),
]


def corrupt(node):
    cases = []
    for make, proto in (lzo2, 'v2'), (lzo3, 'v3'):
        cases += [Hostile(f'{proto}: {name}', make(block), want)
                  for name, block, want in BLOCKS]
        # cut off inside: a block that says so itself is no block
        cases += [Hostile(f'{proto}: {n} bytes of it', make(GOOD[:n]), BODY)
                  for n in range(1, len(GOOD), 1 if proto == 'v2' else 5)]
    # the number of DOTI is not that of the block
    cases.append(Hostile('v2: fewer than it says', lzo2(GOOD, len(GOOD) + 9),
                         'closed conn.protocol', 'half'))
    cases.append(Hostile('v2: more than it says', lzo2(GOOD, len(GOOD) - 3),
                         BODY))
    return storm(node, cases, k=len(cases) // 2, bound=JOBS_BYTES + 64 * MIB,
                 window=16)


def bombs(node):
    """More than may be unpacked.  What is in files already, and the block that
    is being unpacked, which is given back as it is written, are together no
    more than the limit."""
    over = swell(UNPACKED + 1)
    part = swell(UNPACKED // 40)
    many = [(f'/home/u/h{n}.h', part) for n in range(41)]
    few = [('/home/u/a.c', GOOD)] + many
    kinds = [('v2', lzo2(over)), ('v3, one file', lzo3(over)),
             ('v3, many files', pump(few))]
    cases = [Hostile(name, data, 'answered limit.unpacked')
             for name, data in kinds]
    cases.append(Hostile(
        'as much as is allowed', pump([
            ('/home/u/a.c', GOOD),
            ('/home/u/h.h', swell(UNPACKED - len(SOURCE)))]), 'compiled'))
    # one after the other, since this machine has other work
    return storm(node, cases, k=len(cases) - 1, window=1,
                 bound=JOBS_BYTES + UNPACKED + 64 * MIB)


if __name__ == '__main__':
    sys.exit(main({'corrupt': corrupt, 'bombs': bombs}))
