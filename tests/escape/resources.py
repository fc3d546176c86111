#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs that use something up, beside an honest client in the other slot.

resources.py PORT MONITOR-PID ATTACKER SCRATCH [--shared|--lifetime] [NAME...]

For tests/escape/with_attacker, with two slots and the small limits of
resources.bats, so that each attack meets its own soon.  Each must end as the table says: with an
errno's number as the attacker saw it, with a status, or with the word that is
on record.  While it runs another client compiles: each object is the right
one, and one at least is there before the attack has ended.  An attack of the
attacker's works outside, where it is not limited.  --shared: only those whose
limit counts what a uid has, for a node that has one uid for all; --lifetime:
those that end with --job-lifetime, for a node where it is short.
"""
import os
import re
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402

HOLD_MS = 700
# Number, act, what it ends with; "shared" and "lifetime" as told above;
# "through": the act cannot wait, and is over before anybody could notice.
ACTS = '''
70  eat-memory     ENOMEM
70  memory-error   limit.memory
70  eat-stack      SIG11         through
72  eat-maps       ENOMEM
41  eat-processes  EAGAIN        shared
41  eat-threads    EAGAIN        shared
50  eat-cpu        limit.cpu
73  burn           limit.cpu
78  sleep          limit.wall    lifetime
39  stop           limit.wall    lifetime
77  keep-open      ok            through
69  eat-files      EMFILE
68  eat-bytes      ENOSPC|EFBIG
71  eat-bytes      ENOSPC|EFBIG
68  eat-inodes     ENOSPC
74  eat-length     EFBIG|ENOSPC
17  long-object    limit.output
76  flood-stderr   limit.output
76  flood-stdout   limit.output
76  drip-stderr    limit.output
69  eat-pipes      EMFILE        shared
48  eat-signals    EAGAIN        shared
82  teardown       status        shared
64  all-sockets    EAFNOSUPPORT  through
'''
FOREVER = {'eat-cpu', 'burn', 'sleep'}
QUIET = {'memory-error', 'long-object', 'flood-stderr', 'flood-stdout',
         'drip-stderr'} | FOREVER  # they say no verdict
NO_CONTROL = {'teardown', 'keep-open', 'stop'}  # they end, or stop the shell

BOMB = '''
template<class A, class B> struct P {};
template<class A, int N> struct T {
	typename T<P<A, int>, N - 1>::t x; typename T<P<int, A>, N - 1>::t y;
	struct t {};
};
template<class A> struct T<A, 0> { struct t {}; };
T<int, 24> bomb;
'''
LOOP = '''
constexpr long f(long n) { long s = 0; for (long i = 0; i < n; i++) s ^= i;
	return s; }
constexpr long a = f(2000000000);
'''
MACROS = '#define M0 x x x x x x x x\n' + ''.join(
    f'#define M{i + 1} M{i} M{i} M{i} M{i} M{i} M{i} M{i} M{i}\n'
    for i in range(12)) + 'int M12;\n'
SELF = '#include "case.c"\n'
FAR = ['-fconstexpr-loop-limit=2147483647',
       '-fconstexpr-ops-limit=9223372036854775807']


def asm(text):
    return '__asm__("%s");\n' % text.replace('\n', '\\n')


# Number, name, compiler, options, source, pump?, what it ends with: "error" is
# a compiler's own, "ok|error" whichever it thinks is right.
SOURCES = [
    (70, 'templates', 'g++', [], BOMB, False, 'limit.memory|limit.cpu|error'),
    (73, 'constexpr', 'g++', FAR, LOOP, False, 'limit.cpu|limit.memory'),
    (73, 'templates for ever', 'g++', ['-ftemplate-depth=100000000'],
     'template<int N> struct R { static const int v = R<N + 1>::v; };\n'
     'int v = R<0>::v;\n', False, 'limit.memory|limit.cpu|crash|error'),
    (75, 'parentheses', 'gcc', [],
     'int v = ' + '(' * 200000 + '1' + ')' * 200000 + ';\n', False,
     'ok|error|crash'),
    (75, 'includes itself', 'gcc', [], SELF, True, 'error'),
    (75, 'includes itself for ever', 'gcc', ['-fmax-include-depth=100000000'],
     SELF, True, 'error|crash|limit.memory'),
    (70, 'macros', 'gcc', [], MACROS, True, 'error|limit.memory|limit.cpu'),
    (70, '-g3', 'gcc', ['-g3'], ''.join(
        f'#define W{i} {"x" * 100}\n' for i in range(40000)) + 'int x;\n',
     True, 'ok|error|limit.memory|limit.output'),
    (70, '.rept', 'gcc', [], asm('.rept 100000000\n.quad 1\n.endr'), False,
     'error|limit.memory|limit.cpu'),
    (74, '.space', 'gcc', [],
     asm('.space 0x7fffffff\n.space 0x7fffffff'), False,
     'error|crash|limit.memory|limit.cpu'),
    (74, '.zero', 'gcc', [], asm('.zero 0x40000000'), False,
     'error|crash|limit.memory|limit.cpu'),
    (74, '.fill', 'gcc', [], asm('.fill 0x10000000, 8, 1'), False,
     'error|crash|limit.memory|limit.cpu'),
    (74, 'initialiser', 'gcc', [], 'char a[1 << 30] = { 1 };\n', False,
     'error|crash|limit.memory|limit.cpu'),
    (17, 'object', 'gcc', [], asm('.zero 0x600000'), False, 'limit.output'),
    (68, 'fills', 'gcc', ['-save-temps'],
     asm('.zero 0xf00000') + '/*' + 'x' * 4000000 + '*/\n', False,
     'error|crash|limit.output'),
    (76, 'errors', 'g++', ['-fmax-errors=0'],
     ''.join(f'x{i} y{i};\n' for i in range(5000)), False, 'limit.output'),
    (76, 'warnings', 'gcc', [],
     ''.join(f'#warning {i}\n' for i in range(5000)), True, 'limit.output'),
]


class Beside:
    """The other client: compiles until the attack has ended."""

    def __init__(self, node, compilers):
        self.node, self.compilers = node, compilers
        self.right = self.wrong = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ended.is_set() and not self.begun():
            time.sleep(0.01)
        while not self.ended.is_set():
            good = self.node.neighbour()
            if good and not self.ended.is_set():
                self.right += 1
            self.wrong += not good

    def begun(self):
        for pid in escape.below(self.node.monitor):
            try:
                with open(f'/proc/{pid}/cmdline', 'rb') as f:
                    word = f.read().split(b'\0')[0]
            except OSError:
                continue
            if os.path.basename(word).decode() in self.compilers:
                return True
        return False

    def stop(self):
        self.ended.set()
        self.thread.join()


class Node(escape.Node):
    count = 0
    GCC = ['gcc', '-O1', '-c', 'near.c', '-o', 'near.o']
    NEAR = b'int near(int a) { return a * 7; }\n'

    def neighbour(self):
        reply = escape.ask(self.port, escape.plain_request(
            self.GCC, self.NEAR), False, 60)
        return reply.status == 0 and self.want == reply.object()

    def prepare(self):
        self.want = None
        reply = escape.ask(self.port, escape.plain_request(
            self.GCC, self.NEAR), False, 60)
        self.want = reply.object()
        return reply.status == 0 and self.neighbour()

    def attack(self, request, pump):
        """The reply, and the record's word for it."""
        Node.count += 1
        source = f'127.8.{Node.count // 250}.{Node.count % 250 + 1}'
        reply = escape.ask(self.port, request, pump, 60, source)
        record = escape.record_of(source)
        return reply, record.get('reason', 'nothing on record')


def ended(reply, word):
    """In the table's words."""
    m = re.search(r'VERDICT \S+ (\S+)', reply.text())
    if word:
        return word
    if m:
        return escape.name_of(m.group(1))
    if not reply.whole:
        return f'no whole reply: {reply.raw[:60]!r}'
    if reply.status == 0:
        return 'ok'
    crashed = reply.status & 0x7f or 'internal compiler error' in reply.text()
    return 'crash' if crashed else 'error'


def unlimited(node, act):
    """Does it go on for ever outside?"""
    command = [node.attacker, '--act', node.outside_out, act, '0']
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as p:
        try:
            return p.wait(1 if act in FOREVER else 30) == 0
        except subprocess.TimeoutExpired:
            return act in FOREVER
        finally:
            p.send_signal(signal.SIGKILL)


def try_act(node, act, allowed, pump, hold):
    line = f'attack {act} {hold}\nint x;\n'.encode()
    argv = ['gcc-99', '-c', 'case.c', '-o', 'case.o']
    request = escape.pump_request(argv, '/home/u', {'/home/u/case.c': line}) \
        if pump else escape.plain_request(argv, line)
    return one(node, request, pump, allowed, {'gcc-99'})


def one(node, request, pump, allowed, compilers):
    """What was wrong, and how many objects there were before its end."""
    beside = Beside(node, compilers)
    reply, word = node.attack(request, pump)
    beside.stop()
    wrong, got = [], ended(reply, word)
    if got not in allowed.split('|') and not (
            allowed == 'status' and reply.status):
        wrong.append(f'{got} (status {reply.status}), not {allowed}: '
                     f'{reply.text()[:200]!r}')
    if beside.wrong:
        wrong.append(f'{beside.wrong} objects beside it were not right')
    if not node.neighbour():
        wrong.append('the next job')
    return wrong, beside.right, got


def is_void(node, act):
    """Is it refused, or ended, where no limit is?"""
    if act in NO_CONTROL:
        return False
    if act in QUIET:
        return not unlimited(node, act)
    return node.outside(act, '0') != 'OK'


def run_acts(node, only, kind):
    ran = bad = 0
    for i, line in enumerate(ACTS.strip().splitlines()):
        number, act, allowed, *how = line.split()
        if (only and act not in only) or \
                (kind not in how if kind else 'lifetime' in how):
            continue
        ran += 1
        wrong, right, got = try_act(node, act, allowed, i % 2, HOLD_MS)
        if not wrong and right == 0 and how != ['through']:
            # a slow machine
            wrong, right, got = try_act(node, act, allowed, i % 2,
                                        HOLD_MS * 6)
            if right == 0:
                wrong.append('no job beside it was done before its end')
        if is_void(node, act):
            wrong.append('void: it is refused outside too')
        print(f'# {number} {act}: {got}, {right} jobs beside it')
        if wrong:
            bad += 1
            print(f'{number} {act}: ' + '; '.join(wrong))
    return ran, bad


def run_sources(node, only):
    ran = bad = 0
    for number, name, cc, options, source, pump, allowed in SOURCES:
        if only and name not in only:
            continue
        ran += 1
        src = 'case.cc' if cc == 'g++' else 'case.c'
        argv = [cc, *options, '-c', src, '-o', 'case.o']
        request = escape.pump_request(argv, '/home/u', {
            '/home/u/' + src: source.encode()}) if pump else \
            escape.plain_request(argv, source.encode())
        start = time.monotonic()
        for _ in range(3):  # a slow machine
            wrong, right, got = one(node, request, pump, allowed,
                                    {'cc1', 'cc1plus', 'as', cc})
            if wrong or right or got not in ('limit.cpu', 'limit.wall'):
                break
        took = time.monotonic() - start
        if got in ('limit.cpu', 'limit.wall') and right == 0:
            wrong.append('no job beside it was done before its end')
        print(f'# {number} {name}: {got}, {right} jobs beside it, '
              f'{took:.1f} s')
        if wrong:
            bad += 1
            print(f'{number} {name}: ' + '; '.join(wrong))
    return ran, bad


def main():
    node = Node(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
    kind = ''.join(w[2:] for w in sys.argv[5:] if w.startswith('--'))
    only = [w for w in sys.argv[5:] if not w.startswith('--')]
    if not node.prepare():
        print('no honest job to begin with')
        return 1
    ran, bad = run_acts(node, only, kind)
    if not kind:
        more = run_sources(node, only)
        ran, bad = ran + more[0], bad + more[1]
    print(f'{ran} attacks beside another job, {bad} wrong')
    return 1 if bad or not ran else 0


if __name__ == '__main__':
    sys.exit(main())
