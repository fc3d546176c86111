#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""names.py [CASE...]: names that lead elsewhere, clash, or lie where no file
of a client may (security-rules 4); see hostile_lib.py.

The forbidden places are those of the node's own images, found by looking into
them, and of `immure toolchains --json`; neither list is written down here.
"""
import json
import os
import subprocess
import sys

from hostile_lib import (ARGV, HERE, JOBS_BYTES, MIB, Hostile, escape, main,
                         read, storm)

t = escape.token
GOOD = 'compiled'
BOUND = JOBS_BYTES + 64 * MIB


def string(name, text):
    data = text if isinstance(text, bytes) else text.encode()
    return t(name, len(data), data)


def pump(*items, cdir='/home/u', compiler='gcc', source=True):
    """Items: (name, body) is a FILE, (name, '->', target) a LINK."""
    items = list(items)
    if source:
        items.insert(0, ('/home/u/a.c', b'int a;\n'))
    r = [t(b'DIST', 3), string(b'CDIR', cdir), t(b'ARGC', len(ARGV))]
    r += [string(b'ARGV', word) for word in [compiler] + ARGV[1:]]
    r.append(t(b'NFIL', len(items)))
    for item in items:
        r.append(string(b'NAME', item[0]))
        if len(item) == 3:
            r.append(string(b'LINK', item[2]))
        else:
            body = escape.lzo(item[1])
            r.append(t(b'FILE', len(body), body))
    return b''.join(r)


U = '/home/u/'
UP = '../' * 30
NAME, TWICE, LINK, CDIR = ('answered request.' + w for w in
                           ('name', 'twice', 'link', 'cdir'))
# What is in the request, how it ends.
FORMS = [
    (dict(items=[(U + '../x.h', b'')]), NAME),
    (dict(items=[('/home/u/..', b'')]), NAME),
    (dict(items=[('/..', b'')]), NAME),
    (dict(items=[('/../../etc/x', b'')]), NAME),
    (dict(items=[(U + './x.h', b'')]), NAME),
    (dict(items=[(U + 'x/.', b'')]), NAME),
    (dict(items=[(U + 'x/', b'')]), NAME),
    (dict(items=[('x.h', b'')]), NAME),
    (dict(items=[('../x.h', b'')]), NAME),
    (dict(items=[('~/x.h', b'')]), NAME),
    (dict(items=[(U + 'a\nb.h', b'')]), NAME),
    (dict(items=[(U + 'a\rb.h', b'')]), NAME),
    (dict(items=[(U + 'a\tb.h', b'')]), NAME),
    (dict(items=[(U + '\x1b[2J.h', b'')]), NAME),
    (dict(items=[(U + 'a\x7f.h', b'')]), NAME),
    (dict(items=[(U + 'a\0.h', b'')]), 'closed conn.protocol'),
    (dict(items=[(b'\0', b'')]), 'closed conn.protocol'),
    (dict(items=[(U + 'x' * 255, b'')]), GOOD),
    (dict(items=[(U + 'x' * 256, b'')]), NAME),
    (dict(items=[('/' + 'x' * 4094, b'')]), NAME),
    (dict(items=[('/' + 'x' * 4096, b'')]), 'closed limit.request'),
    (dict(items=[(U + 'x/' * 2040 + 'x.h', b'')]), GOOD),
    (dict(items=[('//home//u///x.h', b'')]), GOOD),
    (dict(items=[(U.encode() + b'\xff\xfe\xc0\xaf.h', b'')]), GOOD),
    (dict(items=[(U + '..x.h', b''), (U + '...', b'')]), GOOD),
    (dict(items=[(U + '-o', b''), (U + '$(id).h', b'')]), GOOD),
    # the same twice
    (dict(items=[(U + 'x.h', b''), (U + 'x.h', b'')]), TWICE),
    (dict(items=[(U + 'x.h', b''), ('/home//u/x.h', b'')]), TWICE),
    (dict(items=[(U + 'a.c', b'int b;\n')]), TWICE),
    (dict(items=[(U + 'x', b'1'), (U + 'x/y.h', b'')]), TWICE),
    (dict(items=[(U + 'x/y.h', b''), (U + 'x', b'1')]), TWICE),
    (dict(items=[(U + 'x', b''), (U + 'x', '->', '/usr')]), TWICE),
    (dict(items=[(U + 'x', '->', '/tmp'), (U + 'x', '->', '/var')]), TWICE),
    # a file through a link, in any order
    (dict(items=[(U + 'l', '->', '/usr/lib'), (U + 'l/x.h', b'')]), TWICE),
    (dict(items=[(U + 'l/x.h', b''), (U + 'l', '->', '/usr/lib')]), TWICE),
    (dict(items=[(U + 'l', '->', '/'), (U + 'l/etc/x', b'')]), TWICE),
    (dict(items=[(U + 'l', '->', '/tmp'), (U + 'l/a/b/c.h', b'')]), TWICE),
    (dict(items=[(U + 'l', '->', '/tmp'), (U + 'l//x.h', b'')]), TWICE),
    (dict(items=[(U + 'l', '->', '/tmp'), (U + 'l/m', '->', '/')]), TWICE),
    (dict(items=[('/usr/include', '->', UP + 'usr/include'),
                 ('/usr/include/x.h', b'')]), TWICE),
    # targets
    (dict(items=[(U + 'l', '->', 'x.h')]), LINK),
    (dict(items=[(U + 'l', '->', '../x.h')]), LINK),
    (dict(items=[(U + 'l', '->', UP + 'etc/passwd')]), LINK),
    (dict(items=[(U + 'l', '->', UP + 'home/u/m')]), LINK),
    (dict(items=[(U + 'l', '->', '/tmp/a\nb')]), LINK),
    (dict(items=[(U + 'l', '->', b'/tmp/\0')]), 'closed conn.protocol'),
    (dict(items=[(U + 'l', '->', '/etc/passwd')]), GOOD),
    (dict(items=[(U + 'l', '->', U + 'l')]), GOOD),
    # the working directory
    (dict(cdir='/home/u/..'), CDIR),
    (dict(cdir='/home/./u'), CDIR),
    (dict(cdir='home/u'), CDIR),
    (dict(cdir='/home/u/'), CDIR),
    (dict(cdir='//home/u'), CDIR),
    (dict(cdir='/home/u/a\nb'), CDIR),
    (dict(cdir='/home/u\0'), 'closed conn.protocol'),
    (dict(cdir='/home/' + 'x' * 256), CDIR),
    (dict(cdir=U + 'a.c'), CDIR),
    (dict(cdir=U + 'a.c/b'), CDIR),
    (dict(cdir=U + 'l', items=[(U + 'l', '->', '/tmp')]), CDIR),
    (dict(cdir=U + 'l/m', items=[(U + 'l', '->', '/tmp')]), CDIR),
    # what the compiler finds behind a link that leads out: nothing
] + [
    (dict(items=[(U + 'a.c', '->', target)], source=False), 'failed')
    for target in (
        '/etc/passwd', '/etc/shadow', '/proc/self/environ', '/dev/zero',
        '/dev/stdin', '/sys/kernel/vmcoreinfo', '/', '/home/u', U + 'a.c',
        '/home/u/../../etc/passwd', '/usr/include/../../etc/passwd',
        '/tmp/.immure/o', '/.immure', '/.job')
] + [
    (dict(items=[(U + 'l', '->', '/'), (U + 'a.c', text)], source=False),
     'failed')
    for text in (b'#include "l/etc/passwd"\n', b'#include "l/proc/1/environ"\n',
                 b'__asm__(".incbin \\"/home/u/l/etc/shadow\\"");\n')
]


def forms(node):
    cases = []
    for how, want in FORMS:
        how = dict(how)
        items = how.pop('items', [])
        cases.append(Hostile(repr((items, how))[:90], pump(*items, **how),
                             want))
    return storm(node, cases, k=len(cases) // 2, bound=BOUND, window=16)


# -- the forbidden places --

def toolchains():
    immure = os.path.join(HERE, '..', '..', os.environ.get('B', 'build'),
                          'immure')
    said = subprocess.run([immure, 'toolchains', '--json'], check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    table = json.loads(said.stdout)
    for i, tc in enumerate(table['toolchains']):
        names = [n['name'] for n in table['names'] if n.get('toolchain') == i]
        if tc['headers'] and names:
            yield i, min(names), tc


def image(node, index):
    """Where toolchain @index lies, as the monitor sees it."""
    places = [line.split()[4].decode() for line in read(
        f'/proc/{node.pid}/mountinfo').splitlines() if b'/image/' in line]
    return f'/proc/{node.pid}/root{places[-1]}/{index}'


def with_files(top):
    """Host directories that are copied below @top, where there is a file."""
    for where, _, names in os.walk(top):
        if where != top and any(os.path.isfile(f'{where}/{n}') for n in names):
            yield where[len(top):]


PLACE = 'answered place.toolchain|place.include|place.top|place.own'


def ancestors(path):
    while path.count('/') > 1:
        path = os.path.dirname(path)
        yield path


def in_place(compiler, d):
    """A file, a specs file, a link, a working directory in @d."""
    for item in ((d + '/zz.h', b''), (d + '/specs', b'*cc1:\n+ -DX\n'),
                 (d + '/deeper/zz.cfg', b''), (d + '/zz', '->', '/home/u'),
                 (d + '/zz', '->', '/etc')):
        yield Hostile(f'{compiler}: {item}', pump(item, compiler=compiler),
                      PLACE)
    yield Hostile(f'{compiler}: CDIR {d}', pump(cdir=d, compiler=compiler),
                  PLACE)


def closures(node):
    """Directories of every image, of the table, and above them."""
    cases, seen = [], 0
    for index, compiler, tc in toolchains():
        top = image(node, index)
        if not os.listdir(top + '/inc'):
            continue  # its headers were not whole when the node started
        places = set(with_files(top + '/x'))
        if not places or not set(tc['directories']) & places:
            return [f'toolchain {index} is not the one in {top}']
        places |= set(tc['directories']) | set(tc['include'])
        places |= {os.path.dirname(p.removeprefix('/.immure'))
                   for p in tc['programs']}
        # of thousands of include directories not all
        places |= set(sorted(with_files(top + '/inc'))[::40])
        seen += 1
        for d in sorted(places):
            cases += in_place(compiler, d)
        for d in sorted({a for p in places for a in ancestors(p)}):
            cases.append(Hostile(f'{compiler}: link over {d}', pump(
                (d, '->', '/home/u'), compiler=compiler), PLACE))
    if seen < 2:
        return ['fewer than two toolchains with headers']
    print(f'  {seen} toolchains')
    return storm(node, cases, k=len(cases) // 2, bound=BOUND, window=32)


def tops(node):
    """Top-level directories that are nobody's: of this host all that begin
    with lib, bin or sbin as well."""
    names = {'etc', 'dev', 'proc', 'sys', 'lib', 'lib32', 'lib64', 'libx32',
             'bin', 'sbin', 'boot', '.immure', '.job', 'lost+found', 'x'}
    names |= {n for n in os.listdir('/') if n.startswith(('lib', 'bin', 's'))
              and n not in ('srv',)}
    cases = []
    for name in sorted(names):
        for item in (f'/{name}', b''), (f'/{name}/x', b''), \
                (f'/{name}/x/y/z', b''), (f'/{name}', '->', '/home/u'), \
                (f'/{name}/x', '->', '/home/u'):
            cases.append(Hostile(str(item), pump(item), PLACE))
        for cdir in f'/{name}', f'/{name}/x':
            cases.append(Hostile(f'CDIR {cdir}', pump(cdir=cdir), PLACE))
    for name in '/tmp/.immure', '/tmp/.immure/o', '/tmp/.immure/x/y':
        cases.append(Hostile(name, pump((name, b'')), PLACE))
        cases.append(Hostile('link ' + name, pump((name, '->', '/home/u')),
                             PLACE))
        cases.append(Hostile('CDIR ' + name, pump(cdir=name), PLACE))
    return storm(node, cases, k=len(cases) // 2, bound=BOUND, window=16)


def many(node):
    """As many files as there may be: in one deep place, and each in a deep
    place of its own, for which a cell has not inodes enough."""
    one = ''.join(f'/{n}' for n in range(160))
    same = pump(*((f'/home/u{one}/{n}.h', b'') for n in range(99999)))
    deep = '/d' * 200
    other = pump(*((f'/home/u/{n}{deep}/x.h', b'') for n in range(99999)))
    cases = [Hostile('in one place', same, GOOD),
             Hostile('each in its own', other, 'answered limit.space')]
    return storm(node, cases, k=1, bound=JOBS_BYTES + 1024 * MIB, window=2)


if __name__ == '__main__':
    sys.exit(main({'forms': forms, 'closures': closures, 'tops': tops,
                   'many': many}))
