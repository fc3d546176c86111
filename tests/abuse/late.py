# SPDX-License-Identifier: GPL-2.0-or-later
"""Case of refusals.py: jobs that end badly when a part of their reply is out
already (--drip, node/wire/drip.h).

A compiler waits in its cell (act "late" of attacker.c) until so many bytes have
come, and then fails, makes a forbidden call, says too much, or is ended by
--job-lifetime.  With up to 20 bytes all can still be said; with 21 to 23 what
begins with the digits that are out, else SIGKILL; from 24 on the connection is
cut, and drip.committed is on record.  Stock clients compile such a file
themselves, and the build ends right: the same object, and in pump mode the next
file comes by protocol 3 again.  For tests/escape/with_attacker, with PUMP_DIR.
"""
import os
import re
import select
import signal
import subprocess
import sys
import time

import hostile_lib
from refusals import (LOCALLY, PROTOCOLS, Asked, compiler_of, escape, mark,
                      named, settings, status_of, t, text_of, wakes, whole)

# act -> (status by protocol, what it says)
ENDS = {
    'fail': (lambda proto: 0x100, 'failed'),
    'violate': (lambda proto: status_of(proto, 109), 'cell.violation: .*' +
                LOCALLY),
    'chatter': (lambda proto: status_of(proto, 118), 'limit.output: .*' +
                LOCALLY),
    'wall': (lambda proto: status_of(proto, 118), 'limit.wall: .*ompile this'),
}
EVERY = 0, 4, 11, 12, 20, 21, 23, 24
SOME = 12, 21, 22, 24
# A drip is one byte, and what is not yet read may be two or three.
FINAL = 13


def still_possible(sent, status):
    """@status, if its digits begin like those that are out; SIGKILL."""
    digits = '%08x' % status
    return status if set(digits[:max(0, sent - 16)]) <= {'0'} else 9


def wake(pid):
    try:
        os.kill(pid, signal.SIGUSR1)
    except ProcessLookupError:
        pass  # the case tells that its job has ended otherwise
    return True


class Late:
    def __init__(self, node, act, proto, at):
        self.act, self.proto, self.at = act, proto, at
        self.name = f'{act}{proto}at{at}'
        self.asked = Asked(node, named(
            b'sleep' if act == 'wall' else b'late ' + act.encode(),
            self.name, proto))
        self.asked.sock.setblocking(False)
        self.pid = None
        self.raw, self.dripped, self.told, self.over = b'', 0, False, False

    def source(self):
        return (self.name + ('.c' if self.proto == 3 else '.i')).encode()

    def take(self):
        try:
            piece = self.asked.sock.recv(1 << 18)
        except BlockingIOError:
            return
        except ConnectionError:
            piece = b''
        self.raw += piece
        if len(piece) < FINAL:
            self.dripped += len(piece)
        self.over = not piece
        if self.over:
            self.asked.sock.close()

    def tell(self):
        """It may fail now."""
        if self.act != 'wall' and not self.told and self.pid and \
                len(self.raw) >= self.at and wakes(self.pid):
            self.told = wake(self.pid)

    def wrong(self):
        """None, or what is."""
        if self.dripped >= 24:
            if len(self.raw) == self.dripped and self.raw.startswith(
                    t(b'DONE', self.proto) + t(b'STAT', 0)):
                return None
            return f'{self.name}: is not cut: {self.raw!r}'
        status, says = ENDS[self.act]
        text = text_of(self.raw, self.proto)
        # One byte more may have come together with the rest.
        for sent in self.dripped, self.dripped + 1:
            if self.raw == whole(self.proto, still_possible(
                    sent, status(self.proto)), text) and \
                    re.search(says, text.decode('latin-1')):
                return None
        return f'{self.name}, {self.dripped} bytes before: {self.raw!r}'

    def word(self):
        if self.dripped >= 24:
            return 'drip.committed'
        return {'wall': 'limit.wall', 'chatter': 'limit.output',
                'violate': 'cell.violation', 'fail': ''}[self.act]


def find_compilers(node, jobs):
    """The processes that have their sources among their words."""
    missing = {j.source(): j for j in jobs if j.pid is None}
    for pid in escape.below(node.pid) if missing else ():
        try:
            with open(f'/proc/{pid}/cmdline', 'rb') as f:
                for word in f.read().split(b'\0'):
                    if word in missing:
                        missing[word].pid = pid
        except OSError:
            pass


def begin(node):
    """Those that --job-lifetime ends first, since it is read when a job
    begins; then all others, those that take long first."""
    jobs = []
    for at in 4, 22:
        settings(node, drip=1, job_lifetime=at)
        jobs += [Late(node, 'wall', proto, at) for proto in PROTOCOLS]
        for j in jobs[-3:]:
            compiler_of(node, j.source().decode())
    settings(node, drip=1)
    jobs += [Late(node, 'fail', proto, at) for at in reversed(EVERY)
             for proto in PROTOCOLS]
    jobs += [Late(node, act, 1 + (i + k) % 3, at)
             for i, at in enumerate(reversed(SOME))
             for k, act in enumerate(('violate', 'chatter'))]
    return jobs


def serve(node, jobs, clients):
    looked, until = 0, time.monotonic() + 90
    while any(not j.over for j in jobs) or any(not c.over for c in clients):
        if time.monotonic() > until:
            break
        socks = {j.asked.sock: j for j in jobs if not j.over}
        for s in select.select(list(socks), [], [], 0.05)[0]:
            socks[s].take()
        if time.monotonic() - looked > 0.3:
            looked = time.monotonic()
            find_compilers(node, jobs + clients)
        for j in jobs + clients:
            j.tell()


def covered(jobs):
    """Each kind of end must have been seen."""
    seen = {j.dripped for j in jobs}
    print(f'  {len(jobs)} jobs that ended after {sorted(seen)} bytes')
    for what, some in ('up to 20', range(21)), ('21 to 23', range(21, 24)), \
            ('24 and more', range(24, 99)):
        if not seen & set(some):
            yield f'no job ended after {what} bytes'


# -- stock clients --

# The client's own compiler: what it cannot do elsewhere it does right.
LOCAL = '''#!/bin/sh
for a; do
	[ "$a" != -v ] || exec %s "$@" # the include server asks
done
src= out= only=
while [ $# -gt 0 ]; do
	case $1 in
	-E) only=1 ;;
	-o) out=$2; shift ;;
	*.c) src=$1 ;;
	esac
	shift
done
[ -z "$only" ] || exec cat "$src"
tail -n +2 "$src" | gcc -x c -c - -o "$out"
'''
HOSTS = {1: '', 2: ',lzo', 3: ',cpp,lzo'}


class Stock:
    """One build of two files, of which the first is ended late."""

    def __init__(self, node, scratch, act, proto, at):
        self.act, self.proto, self.at = act, proto, at
        self.name = f'stock{act}{proto}at{at}'
        self.dir = os.path.join(scratch, self.name)
        os.makedirs(os.path.join(self.dir, 'state'))
        self.write(self.name, f'attack late {act}')
        self.write('next' + self.name, '/* well-behaved */')
        env = {k: v for k, v in os.environ.items()
               if not k.startswith('DISTCC_')}
        env.update(PATH=os.path.join(scratch, 'client-bin') + ':' +
                   env['PATH'], DISTCC_DIR=os.path.join(self.dir, 'state'),
                   DISTCC_HOSTS=f'127.0.0.1:{node.port}/9{HOSTS[proto]}',
                   LC_ALL='C.UTF-8')
        # It avoids the node for a second, not for a minute; without that it
        # would come back to one that cuts it for ever (wire-protocol 1.6).
        env['DISTCC_BACKOFF_PERIOD'] = '1'
        script = f'distcc gcc-99 -c {self.name}.c -o x.o && sleep 2 && ' \
                 f'distcc gcc-99 -c next{self.name}.c -o y.o'
        command = ['sh', '-c', script]
        if proto == 3:
            env['PATH'] = env['PUMP_DIR'] + ':' + env['PATH']
            command.insert(0, 'pump')
        with open(os.path.join(self.dir, 'said'), 'wb') as said:
            self.client = subprocess.Popen(command, cwd=self.dir, env=env,
                                           stdin=subprocess.DEVNULL,
                                           stdout=said, stderr=said)
        self.pid, self.since, self.told = None, None, False

    def write(self, name, first):
        with open(os.path.join(self.dir, name + '.c'), 'w') as f:
            f.write(f'{first}\nint right;\n')

    source = Late.source

    @property
    def over(self):
        return self.client.poll() is not None

    def tell(self):
        """It reads what has come, not how many bytes: by the clock."""
        if self.pid and self.since is None and wakes(self.pid):
            self.since = time.monotonic()
        if self.since and not self.told and \
                time.monotonic() > self.since + self.at + 0.5:
            self.told = wake(self.pid)

    def made(self, name):
        try:
            with open(os.path.join(self.dir, name), 'rb') as f:
                return f.read()
        except OSError:
            return None

    def wrong(self, right, protocols):
        """@right: the object of its own compile."""
        if not self.over or self.client.returncode != 0 or not self.told:
            self.client.kill()
            with open(os.path.join(self.dir, 'said')) as f:
                yield f'{self.name}: ended with {self.client.returncode}, ' \
                      f'{self.told}: {f.read()[-300:]}'
            return
        if self.made('x.o') != right:
            yield f'{self.name}: the object is not right'
        came = protocols.get(f'next{self.name}.c')
        if (came, self.made('y.o')) != (self.proto, b'object'):
            yield f'{self.name}: the next file came by protocol {came}'


def protocols(node, start):
    """Of each source on record."""
    with open(node.audit, 'rb') as f:
        f.seek(start)
        for line in f:
            r = hostile_lib.json.loads(line)
            if r['type'] == 'job':
                yield r['source'], r['protocol']


def right_object(scratch, attacker):
    """What the client's own compiler makes of it."""
    os.makedirs(os.path.join(scratch, 'client-bin'))
    path = os.path.join(scratch, 'client-bin', 'gcc-99')
    with open(path, 'w') as f:
        f.write(LOCAL % attacker)
    os.chmod(path, 0o755)
    with open(os.path.join(scratch, 'x.c'), 'w') as f:
        f.write('\nint right;\n')
    subprocess.run([path, '-c', 'x.c', '-o', 'x.o'], check=True, cwd=scratch)
    with open(os.path.join(scratch, 'x.o'), 'rb') as f:
        return f.read()


def late(node):
    attacker, scratch = sys.argv[3:5]
    start, right = mark(node), right_object(scratch, attacker)
    jobs = begin(node)
    # A compile that fails there and works here turns pump off: not ours.
    clients = [Stock(node, scratch, act, proto, at)
               for act, proto, at in (
                   ('chatter', 3, 25), ('violate', 2, 25), ('fail', 1, 21),
                   ('chatter', 3, 12), ('violate', 3, 4), ('violate', 2, 4),
                   ('fail', 1, 4))]
    serve(node, jobs, clients)
    wrong = list(covered(jobs))
    for j in jobs:
        wrong += [w for w in [j.wrong()] if w]
        wrong += [f'{j.name}: {w}' for w in
                  j.asked.recorded(node, start, j.word())]
    by = dict(protocols(node, start))
    wrong += [w for c in clients for w in c.wrong(right, by)]
    settings(node)
    return wrong
