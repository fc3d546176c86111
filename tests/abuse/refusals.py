#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""refusals.py PORT MONITOR-PID ATTACKER SCRATCH [MODULE.]CASE...: every reason.

The words are those of section REFUSALS in immured(8), which documented.bats
compares with the source, and those of the table of options: one without a case
here fails the suite, and so does a case without a word.  Of each word and each
protocol, provoked by a raw client:

answered    the whole reply, byte by byte: DONE, STAT (in pump mode a signal, so
            that a build keeps its pump: wire-protocol 1.6), SERR with the word
            and what to do, empty SOUT and DOTO, nothing behind; on record
closed      not a byte, and only for one of the reasons in WHY
broken      closed, because the test breaks a process of the node's
stopped     closed, because the node ends
Those that no client can provoke have their reason in NO_CLIENT.

For tests/escape/with_attacker, or with NODE_* in the environment alone.
"""
import ctypes
import importlib
import os
import re
import signal
import socket
import subprocess
import sys
import time

from hostile_lib import ARGV, HONEST_ADDRESS, Honest, alone, escape
import hostile_lib
import roles

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../..')
BUILD = os.path.join(ROOT, os.environ.get('B', 'build'))
t, string = escape.token, escape.string
PROTOCOLS = 1, 2, 3
DENIED = 113
PUMP = 'files have names in pump mode alone', (3,)
PACKED = 'blocks are compressed with lzo and in pump mode alone', (2, 3)

# -- the words --


def read(name):
    with open(os.path.join(ROOT, name)) as f:
        return f.read()


def remedies():
    """What to do, of each word of the table of options."""
    text = subprocess.run([f'{BUILD}/tests/compat/decide', '--reasons'],
                          check=True, capture_output=True, text=True).stdout
    return dict(line.split('\t') for line in text.splitlines())


def words():
    section = re.search(r'\n\.Sh REFUSALS\n(.*?)\n\.Sh ',
                        read('docs/immured.8'), re.S)[1].replace('\\\n', '')
    listed = re.findall(r'^\.It Li (.*)', section, re.M)
    return {w for line in listed for w in re.split(r'[ ,]+', line)} | \
        set(remedies())


# -- requests --


def packed(text):
    return escape.lzo(text)


def heads(proto, argv, cdir='/home/u'):
    h = t(b'DIST', proto)
    if proto == 3:
        h += string(b'CDIR', cdir)
    return h + t(b'ARGC', len(argv)) + b''.join(
        string(b'ARGV', a) for a in argv)


def request(proto, argv, source=b'int a;\n', more=(), cdir='/home/u',
            pack=packed):
    """@more: items of a pump request beside its source."""
    h = heads(proto, argv, cdir)
    if proto < 3:
        body = pack(source) if proto == 2 else source
        return h + t(b'DOTI', len(body), body)
    body = pack(source)
    return h + t(b'NFIL', 1 + len(more)) + string(b'NAME', cdir + '/a.c') + \
        t(b'FILE', len(body), body) + b''.join(more)


def command(line):
    return lambda proto: request(proto, line.split())


def file(name):
    return lambda proto: request(proto, ARGV, more=[
        string(b'NAME', name) + t(b'FILE', 0)])


def attack(act):
    return lambda proto: request(
        proto, ['gcc-99'] + ARGV[1:], b'attack ' + act + b'\nint a;\n')


def huge(proto):
    """More of it than there may be, as far as a node reads."""
    if proto == 3:
        return heads(3, ARGV) + t(b'NFIL', 100001)
    return heads(proto, ARGV) + t(b'DOTI', 0x7fffffff)


def large(mib):
    """With limit-unpacked = 64M and limit-space = 32M."""
    return lambda proto: request(proto, ARGV, b' ' * (mib << 20) + b'int a;\n')


def no_lzo(proto):
    return request(proto, ARGV, pack=lambda text: b'\x11\0\0\0' + text)


# -- what is answered: word -> (exit code, request, protocols, what it says) --

OPTIONS = {
    'option.input': 'gcc -c a.c b.c -o a.o',
    'option.phase': 'gcc -E a.c -o a.o',
    'option.language': 'gcc -x ada -c a.c -o a.o',
    'option.output': 'gcc -c a.c -o -',
    'option.argument': 'gcc -c a.c -o',
    'option.response-file': 'gcc @words -c a.c -o a.o',
    'option.plugin': 'gcc -fplugin=x -c a.c -o a.o',
    'option.wrapper': 'gcc -wrapper x -c a.c -o a.o',
    'option.program': 'gcc -B/x -c a.c -o a.o',
    'option.specs': 'gcc -specs=x -c a.c -o a.o',
    'option.config': 'clang --config=x -c a.c -o a.o',
    'option.assembler': 'gcc -Wa,--MD,x -c a.c -o a.o',
    'option.preprocessor': 'gcc -Xpreprocessor x -c a.c -o a.o',
    'option.inner': 'clang -mllvm -x -c a.c -o a.o',
    'option.offload': 'gcc -foffload=x -c a.c -o a.o',
    'option.modules': 'gcc -fmodule-mapper=x -c a.c -o a.o',
    'option.native': 'gcc -march=native -c a.c -o a.o',
    'option.profile': 'gcc -fprofile-use=x -c a.c -o a.o',
    'option.file': 'clang -fsanitize-ignorelist=x -c a.c -o a.o',
    'option.side-output': 'clang -MJ x -c a.c -o a.o',
    'option.record': 'clang -frecord-gcc-switches -c a.c -o a.o',
    'option.compare': 'gcc -fcompare-debug -c a.c -o a.o',
    'option.path': 'clang -working-directory=/x -c a.c -o a.o',
    'option.target': 'clang -target x --target=y -c a.c -o a.o',
    'option.unknown': 'gcc -fno-such=/x -c a.c -o a.o',
}
ALL = None, PROTOCOLS
LOCALLY = 'compile this file locally'
ANSWERED = {
    'option.limit': (DENIED, lambda proto: request(
        proto, ARGV + ['-D' + 'x' * 110] * 16000), ALL, None),
    'toolchain.unknown': (110, command('nocc -c a.c -o a.o'), ALL,
                          'install it on the node, or ask for one that is '
                          'available here:.* gcc( |\n)'),
    'toolchain.refused': (110, command('gcc-98 -c a.c -o a.o'), ALL,
                          'ask for one that is available here:.* gcc( |\n)'),
    'toolchain.target': (110, command('sparc64-linux-gnu-gcc -c a.c -o a.o'),
                         ALL, 'targets here: .*install that cross compiler'),
    'toolchain.headers': (DENIED, command(
        'clang -target aarch64-linux-gnu -c a.c -o a.o'), (
            'plain mode brings its headers along', (3,)), 'use plain mode'),
    'place.top': (DENIED, file('/nowhere/x.h'), PUMP, 'build below /home'),
    'place.own': (DENIED, file('/tmp/.immure/x.h'), PUMP,
                  'build below /home'),
    'place.include': (DENIED, file('/usr/include/x.h'), PUMP,
                      'build below /home'),
    'place.toolchain': (DENIED, file('/usr/lib/gcc/x86_64-linux-gnu/specs'), PUMP,
                        'build below /home'),
    'request.name': (109, file('/home/u/../x.h'), PUMP, LOCALLY),
    'request.link': (109, lambda proto: request(proto, ARGV, more=[
        string(b'NAME', '/home/u/l') + string(b'LINK', 'x')]), PUMP, LOCALLY),
    'request.cdir': (109, lambda proto: request(proto, ARGV, cdir='/home/./u'),
                     PUMP, LOCALLY),
    'request.twice': (109, file('/home/u/a.c'), PUMP, LOCALLY),
    'request.body': (109, no_lzo, PACKED, LOCALLY),
    'compiler.no-output': (1, attack(b'no-object'), ALL, LOCALLY),
    'limit.output': (118, attack(b'chatter'), ALL, LOCALLY),
    'limit.unpacked': (109, large(65), ALL, LOCALLY),
    'limit.space': (109, large(40), ALL, LOCALLY),
    'limit.cpu': (118, attack(b'burn'), ALL, LOCALLY),
    'limit.memory': (118, attack(b'hog'), (
        "plain has the compiler's own text: answered()", (3,)), LOCALLY),
    'cell.violation': (109, attack(b'violate'), ALL, LOCALLY),
    'limit.wall': (118, attack(b'sleep'), ALL,
                   'Compile this file locally, or have --job-lifetime raised'),
}

# -- what is closed --

WHY = {
    'not distcc': 'conn.protocol',
    'not allowed in': 'access.denied limit.connections client.held',
    # No request is whole without its rest, and a client reads nothing before
    # it has sent that.
    'not whole': 'limit.request limit.time limit.budget limit.shed',
    # There or here, compiled at once: a reply would be the job's end.
    'elsewhere': 'limit.repeat limit.wait limit.queue slot.crash cell.crash '
                 'front.crash conn.lost conn.closed node.drain node.stop',
    # It has called a success what failed later: late.py.
    'too late to say': 'drip.committed',
    # Nobody is there to be answered.
    'client gone': 'client.gone conn.gone conn.no-source conn.empty',
}
# Words of other cases: late.py, full.py, again.py, and node_two() here.
ELSEWHERE = set('''limit.time limit.budget limit.shed limit.connections
    limit.repeat limit.wait limit.queue drip.committed access.denied
    toolchain.not-listed toolchain.path'''.split())
NO_CLIENT = {
    'request.form': 'the front reads the same grammar first: a lie of its '
                    '(tests/unit/test_request.c)',
    'request.unknown': 'stands for a number that no error has',
    'cell.result': 'a lie of pid 1 or of pack (tests/escape)',
    'slot.none': 'no slot alive for 15 s: the host ends them all',
    'broker.job': 'no memory or descriptor of the host is left',
    'image.none': 'nobody listens before there are images; a broker that was '
                  'started again has none yet',
    'conn.memory': 'no memory of the host is left',
    'conn.accept': 'no descriptor of the host is left',
    'conn.unknown': 'the kernel does not say who connected',
    'audit.full': 'the auditor is behind: a lie of it, or a disk that stalls '
                  '(tests/taken)',
    'cell.oom': 'the kernel kills a job for what others took, where the memory '
                'controller is delegated, which this machine may lack',
    'limit.processes': "where the kernel's pids controller is delegated, "
                       'which this machine may lack (tests/vm)',
    'control.denied': "no client's socket (tests/selftest)",
    'query.toolchains': 'no refusal (tests/cli/probe.bats)',
}


def listed(_):
    """Each word has a case, each case a word."""
    have = set(OPTIONS) | set(ANSWERED) | set(' '.join(WHY.values()).split())
    have |= ELSEWHERE
    wrong = [f'{w}: no case provokes it' for w in
             sorted(words() - have - set(NO_CLIENT))]
    wrong += [f'{w}: is no reason' for w in
              sorted((have | set(NO_CLIENT)) - words())]
    wrong += [f'{w}: has a case, and is said to have none' for w in
              sorted(have & set(NO_CLIENT))]
    print(f'  {len(words())} words, {len(NO_CLIENT)} of them no client\'s')
    return wrong


# -- asking --


class Asked:
    """One connection: all that came, and what is on record about it."""
    serial = 0

    def __init__(self, node, data, source=None, leave=None):
        Asked.serial += 1
        self.raw = b''
        self.sock = socket.socket()
        self.sock.settimeout(60)
        # One client a connection, lest one pay for another.
        self.sock.bind((source or '127.1.%d.%d' % (
            Asked.serial // 200 % 200, Asked.serial % 200 + 1), 0))
        self.sock.connect((node.host, node.port))
        self.name = self.sock.getsockname()
        try:
            self.sock.sendall(data)
            if leave is not None:
                leave(self.sock)
        except ConnectionError:
            pass  # closed while it was being sent

    def take(self):
        try:
            while piece := self.sock.recv(1 << 18):
                self.raw += piece
        except ConnectionError:
            pass
        except socket.timeout:
            self.raw += b' and no end'
        self.sock.close()
        return self

    def recorded(self, node, start, word):
        end = time.monotonic() + 10
        while word not in (said := node.records(start)[0].get(self.name, [])):
            if time.monotonic() > end:
                return [f'on record is {said}']
            time.sleep(0.05)
        return []


def mark(node):
    return os.path.getsize(node.audit)


def literals(block):
    """The text of an LZO block that is nothing but one run of literals."""
    if not block:
        return b''
    at, n = 1, block[0] - 17
    if block[0] == 0:
        n = 18
        while block[at] == 0:
            n, at = n + 255, at + 1
        n, at = n + block[at], at + 1
    return block[at:at + n]


def whole(proto, status, text):
    """The one reply that has this to say."""
    body = escape.lzo(text) if proto > 1 else text
    return t(b'DONE', proto) + t(b'STAT', status) + \
        t(b'SERR', len(body), body) + t(b'SOUT', 0) + t(b'DOTO', 0)


def text_of(raw, proto):
    n = int(raw[28:36], 16) if re.fullmatch(rb'[0-9a-f]{8}', raw[28:36]) else 0
    body = raw[36:36 + n]
    return literals(body) if proto > 1 else body


def status_of(proto, code):
    """In pump mode a signal, or the whole build loses its pump; a compiler
    that is missing is known by its exit code."""
    return 9 if proto == 3 and code != 110 else code << 8


def is_wrong(raw, proto, word, code, says):
    text = text_of(raw, proto)
    if raw != whole(proto, status_of(proto, code), text):
        return f'reply {raw[:200]!r}'
    lines = text.decode('ascii', 'replace')
    if not re.search(rf'(^|\n)immured: (refused: )?{re.escape(word)}: .', lines):
        return f'does not say the word: {lines!r}'
    if not re.search(says, lines):
        return f'does not say what to do ({says}): {lines!r}'
    if not lines.endswith('\n') or re.search(r'[^\n -~]', lines):
        return f'is not plain lines: {lines!r}'
    return None


def table():
    """(word, exit code, request, protocols, what it says)"""
    says = remedies()
    for word, line in OPTIONS.items():
        yield word, DENIED, command(line), PROTOCOLS, re.escape(says[word])
    for word, (code, make, (_, protocols), what) in ANSWERED.items():
        yield word, code, make, protocols, what or re.escape(says[word])


def refusals(node, rows):
    start, wrong, asked = mark(node), [], []
    for word, code, make, protocols, says in rows:
        for proto in protocols:
            c = Asked(node, make(proto))
            asked.append((c, proto, word, code, says))
    for c, proto, word, code, says in asked:
        c.take()
        bad = is_wrong(c.raw, proto, word, code, says)
        wrong += [f'{word}, protocol {proto}: {w}' for w in
                  ([bad] if bad else []) + c.recorded(node, start, word)]
    print(f'  {len(asked)} refusals')
    return wrong


def answered(node):
    wall = 'limit.wall'
    wrong = refusals(node, [row for row in table() if row[0] != wall])
    for proto in 1, 2:
        start = mark(node)
        c = Asked(node, attack(b'hog')(proto)).take()
        if c.raw != whole(proto, 0x100, b'failed\n'):
            wrong.append(f'limit.memory, protocol {proto}: {c.raw[:200]!r}')
        wrong += [f'limit.memory, protocol {proto}: {w}' for w in
                  c.recorded(node, start, 'limit.memory')]
    settings(node, job_lifetime=1)  # too little for limit.cpu
    wrong += refusals(node, [row for row in table() if row[0] == wall])
    settings(node)
    return wrong


# -- closed --


def is_closed(c, node, start, word, proto):
    c.take()
    wrong = [f'{len(c.raw)} bytes came: {c.raw[:60]!r}'] if c.raw else []
    return [f'{word}, protocol {proto}: {w}' for w in
            wrong + c.recorded(node, start, word)]


def half(sock):
    sock.shutdown(socket.SHUT_WR)


def closed(node):
    """What one connection can provoke by itself."""
    start, wrong = mark(node), []
    for proto in PROTOCOLS:
        cases = [
            ('conn.protocol', b'GET / HTTP/1.1\r\n\r\n', None),
            ('conn.protocol', request(proto, ARGV)[:30], half),
            ('limit.request', huge(proto), None),
            ('client.gone', attack(b'sleep')(proto),
             lambda sock: (time.sleep(0.3), half(sock))),
            ('conn.empty', b'', half),
        ]
        if proto < 3:
            cases.append(('conn.no-source', heads(proto, ARGV), half))
        for word, data, leave in cases:
            wrong += is_closed(Asked(node, data, leave=leave), node, start,
                               word, proto)
    return wrong


def gone(node):
    """While its reply goes out: more of it than fits into the sockets."""
    start, wrong = mark(node), []
    for proto in PROTOCOLS:
        # one that lzo cannot make much smaller
        text = b'char a[] = "' + os.urandom(8000000).translate(
            bytes(48 + b % 64 if b % 64 != 15 and b % 64 != 44 else 48
                  for b in range(256))) + b'";\n'
        c = Asked(node, request(proto, ARGV, text))
        c.raw = c.sock.recv(12)
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0' * 2)
        c.sock.close()
        if c.raw != t(b'DONE', proto):
            wrong.append(f'no reply to leave: {c.raw!r}')
        wrong += [f'conn.gone, protocol {proto}: {w}'
                  for w in c.recorded(node, start, 'conn.gone')]
    return wrong


# -- broken, stopped --


def processes(node, role):
    tree = roles.tree(node.pid)
    return [p.pid for p in tree.values()
            if roles.role_of(p, node.pid, tree) == role]


def compiler_of(node, name):
    """The compiler in its cell, that has this name among its words."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        for pid in escape.below(node.pid):
            try:
                with open(f'/proc/{pid}/cmdline', 'rb') as f:
                    line = f.read().split(b'\0')
                if name.encode() in line:
                    return pid
            except OSError:
                pass
        time.sleep(0.05)
    raise RuntimeError(f'no compiler has {name}')


def parent(pid):
    with open(f'/proc/{pid}/stat') as f:
        return int(f.read().rpartition(')')[2].split()[1])


def named(act, name, proto):
    """@act, by the name of its source."""
    argv = ['gcc-99', '-c', name + '.c', '-o', 'a.o']
    source = b'attack ' + act + b'\nint a;\n'
    if proto < 3:
        return request(proto, argv, source)
    body = packed(source)
    return heads(3, argv) + t(b'NFIL', 1) + \
        string(b'NAME', f'/home/u/{name}.c') + t(b'FILE', len(body), body)


def init_of(pid):
    """Pid 1 of the cell around it."""
    while True:
        with open(f'/proc/{pid}/status') as f:
            inside = re.search(r'\nNSpid:(.*)', f.read())[1].split()
        if inside[-1] == '1' and len(inside) > 1:
            return pid
        pid = parent(pid)


def break_cell(_, compiler):
    os.kill(init_of(compiler), signal.SIGKILL)


def break_slot(_, compiler):
    os.kill(parent(init_of(compiler)), signal.SIGKILL)


def break_fronts(node, _):
    for pid in processes(node, 'front'):
        os.kill(pid, signal.SIGSEGV)


def broken(node):
    start, wrong = mark(node), []
    for how, says in ((break_cell, ['cell.crash', 'conn.closed']),
                      (break_slot, ['slot.crash', 'conn.closed']),
                      (break_fronts, ['front.crash', 'conn.lost'])):
        jobs = [(proto, Asked(node, named(b'sleep', f'{how.__name__}{proto}',
                                          proto))) for proto in PROTOCOLS]
        for proto, c in jobs:
            compiler = compiler_of(node, f'{how.__name__}{proto}.' +
                                   ('c' if proto == 3 else 'i'))
            if how is not break_fronts:
                how(node, compiler)
        if how is break_fronts:
            how(node, None)
        for proto, c in jobs:
            wrong += is_closed(c, node, start, says[0], proto)
            wrong += [f'{says[1]}, protocol {proto}: {w}'
                      for w in c.recorded(node, start, says[1])]
    # Whoever was there when a front crashed is let in a little later.
    for proto, c in jobs:
        again = Asked(node, request(proto, ARGV), source=c.name[0]).take()
        if b'STAT00000000' not in again.raw:
            wrong.append(f'after a crash: {again.raw[:60]!r}')
        wrong += [f'client.held: {w}' for w in
                  again.recorded(node, start, 'client.held')]
    return wrong


def is_dead(pid):
    """It waits for its parent to see that, or is gone."""
    try:
        with open(f'/proc/{pid}/stat') as f:
            return f.read().rpartition(')')[2].split()[0] == 'Z'
    except OSError:
        return True


def wait_for(what, seconds=30):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise RuntimeError('it does not come')
        time.sleep(0.02)


def wakes(pid):
    """It waits for SIGUSR1 (act "late" of attacker.c)."""
    try:
        with open(f'/proc/{pid}/status') as f:
            caught = re.search(r'\nSigCgt:\s*(\w+)', f.read())[1]
        return int(caught, 16) >> (signal.SIGUSR1 - 1) & 1
    except OSError:
        return False


PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207


def ptrace(request_, pid):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(ctypes.c_long(request_), ctypes.c_long(pid), None, None):
        raise OSError(ctypes.get_errno(), 'ptrace')


def hold(pid):
    """Without SIGSTOP: the monitor ends a role that was sent that."""
    ptrace(PTRACE_SEIZE, pid)
    ptrace(PTRACE_INTERRUPT, pid)
    os.waitpid(pid, 0x40000000)  # __WALL


def unheard(node):
    """The executor hears of too much output when it has seen the cell's end
    already, since the zygote had something to say: nobody is left to be
    killed, and the answer is the same."""
    start, wrong = mark(node), []
    for proto in PROTOCOLS:
        # The slot that it gets has a cell of its kind ready, then.
        Asked(node, attack(b'nap 0')(proto)).take()
        time.sleep(0.5)
        zygotes = processes(node, 'zygote')
        for pid in zygotes:
            os.kill(pid, signal.SIGSTOP)
        c = Asked(node, named(b'late chatter', f'unheard{proto}', proto))
        compiler = compiler_of(node, f'unheard{proto}.' +
                               ('c' if proto == 3 else 'i'))
        init = init_of(compiler)
        wait_for(lambda: wakes(compiler))
        executor = parent(init)
        hold(executor)
        for pid in zygotes:
            os.kill(pid, signal.SIGCONT)
        os.kill(compiler, signal.SIGUSR1)
        wait_for(lambda: is_dead(init))
        time.sleep(0.2)  # the zygote has made the next cell by then
        ptrace(PTRACE_DETACH, executor)
        c.take()
        bad = is_wrong(c.raw, proto, 'limit.output', 118, LOCALLY)
        wrong += [f'unheard, protocol {proto}: {w}' for w in (
            [bad] if bad else []) + c.recorded(node, start, 'limit.output')]
    return wrong + node.died()


def stopped(node):
    """The last case: afterwards there is no node."""
    start, wrong = mark(node), []
    halves = [(p, Asked(node, request(p, ARGV)[:-8])) for p in PROTOCOLS]
    jobs = [(p, Asked(node, named(b'sleep', f'stop{p}', p)))
            for p in PROTOCOLS]
    for proto, _ in jobs:
        compiler_of(node, f'stop{proto}.' + ('c' if proto == 3 else 'i'))
    os.kill(node.pid, signal.SIGTERM)
    for proto, c in halves:
        wrong += is_closed(c, node, start, 'node.drain', proto)
    os.kill(node.pid, signal.SIGTERM)
    for proto, c in jobs:
        wrong += is_closed(c, node, start, 'node.stop', proto)
    return wrong


# -- a node of another kind (no attacker) --


def denied(node):
    start, wrong = mark(node), []
    for proto in PROTOCOLS:
        c = Asked(node, request(proto, ARGV), source='127.66.0.%d' % proto)
        wrong += is_closed(c, node, start, 'access.denied', proto)
    return wrong


LISTED = (
    # DISTCC_CMDLIST has no g++
    ('toolchain.not-listed', 110, command('g++ -c a.c -o a.o'), PROTOCOLS,
     'ask for one that is available here:.* gcc( |\n)'),
    ('toolchain.path', 110, command('/opt/x/gcc -c a.c -o a.o'), PROTOCOLS,
     'call the compiler by its name alone'),
)


def by_list(node):
    """What a node without --enable-tcp-insecure refuses beside all that."""
    return refusals(node, LISTED)


def settings(node, **values):
    """Write the node's file of settings, and wait until they are in force."""
    with open(os.environ['NODE_CONF'], 'w') as f:
        for key, value in values.items():
            f.write(f"{key.replace('_', '-')} = {value}\n")
    loaded = read(node.log).count('settings.loaded')
    os.kill(node.pid, signal.SIGHUP)
    end = time.monotonic() + 10
    while read(node.log).count('settings.loaded') == loaded:
        if time.monotonic() > end:
            raise RuntimeError('settings are not loaded')
        time.sleep(0.02)
    time.sleep(0.1)  # broker and fronts are told of them after that


def honest(node):
    """What all of it leaves: a node that compiles."""
    c = Honest()
    c.source = HONEST_ADDRESS
    got = alone(node, c)
    return [] if got == 'compiled' else [f'an honest job: {got}']


def main(names):
    """Run the cases, of here or MODULE.CASE, one after the other."""
    node, bad = hostile_lib.Node(), 0
    for name in names:
        module, _, case = name.rpartition('.')
        begun = time.monotonic()
        wrong = getattr(importlib.import_module(module or 'refusals'),
                        case)(node)
        if name not in ('stopped', 'listed'):
            wrong += honest(node)
        print(f'{name}: {time.monotonic() - begun:.1f} s, '
              f'{len(wrong)} wrong')
        for w in wrong[:20]:
            print('  ' + w)
        bad += len(wrong)
    return 1 if bad else 0


if __name__ == '__main__':
    # The one that the other modules know, not this one a second time.
    sys.exit(importlib.import_module('refusals').main(sys.argv[5:]))
