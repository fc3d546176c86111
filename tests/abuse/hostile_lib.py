#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What every case of the abuse suite is held to.

A case is a number of hostile connections (Hostile), each with the end that it
must come to.  storm() lets them loose at a running node, and

(a) honest jobs, one after the other and from an address of their own, go on
    all the while: some are done before a stated number of the hostile
    connections has finished.  Order counts, not time: both are events of one
    loop;
(b) the node's memory, looked at every 50 ms, stays below a stated bound;
(c) afterwards nothing is left: processes and descriptors of every role and
    the mounts are as before, a large job of the hostile address fits, and no
    role has died.

An end is one of
    compiled            a whole reply with an object
    failed              a whole reply without an object, and nothing of ours
                        in it but what the compiler said
    failed WORD         the same, and WORD is on record
    answered WORD       a whole reply that names the reason, on record with it
    closed WORD         not one byte; WORD is on record for that connection
    cut WORD            the beginning of a reply; WORD is on record
Several words, of which any will do: WORD|WORD.

The node is told by NODE_PORT, NODE_PID, NODE_LOG and NODE_AUDIT
(tests/lib/node.sh).  Needs root, to look into the node's processes.
"""
import errno
import json
import multiprocessing
import os
import re
import select
import socket
import struct
import sys
import time
from collections import Counter, deque

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'escape'))
import escape  # noqa: E402
import roles   # noqa: E402

MIB = 1 << 20
# A compiler and what is around it, in each of the two slots.
JOBS_BYTES = 2 * 96 * MIB
# The broker records the ends of so many connections a second (common/limits.h,
# LIMIT_CONN_EVENTS): cases that are to find theirs stay below it.
PER_SECOND = 150
# Longer than this nothing here may take, on the busiest machine.
PATIENCE_S = 120
HONEST_ADDRESS = '127.9.9.9'
ARGV = ['gcc', '-c', 'a.c', '-o', 'a.o']


class Hostile:
    """One connection.  @manner, once all of @data is sent:
    open     it waits for the node to end it
    half     it says that no more will come, and waits
    reset    it resets the connection
    held     it must live until all others have finished; then as `half`
    deaf     as held, but takes nothing, and then resets
    leave    half when the first byte of the reply has come
    leap     reset then
    @drip: a byte at a time, each when all others had theirs."""

    def __init__(self, name, data, want, manner='open', source=None,
                 drip=False):
        self.name, self.data, self.want = name, memoryview(data), want
        self.manner, self.source, self.drip = manner, source, drip
        self.sock = self.local = None
        self.sent, self.raw, self.over = 0, bytearray(), None

    def port(self):
        return self.local[1]


class Honest(Hostile):
    serial = 0

    def __init__(self):
        Honest.serial += 1
        source = b'int honest%d(void) { return 0; }\n' % Honest.serial
        super().__init__('honest', request(1 + 2 * (Honest.serial % 2),
                                           source), 'compiled')


def request(proto, source, argv=None):
    """A whole good request of that protocol."""
    argv = argv or ARGV
    if proto == 3:
        return escape.pump_request(argv, '/home/u', {'/home/u/a.c': source})
    if proto == 1:
        return escape.plain_request(argv, source)
    words = b''.join(escape.string(b'ARGV', a) for a in argv)
    body = escape.lzo(source)
    return escape.token(b'DIST', 2) + escape.token(b'ARGC', len(argv)) + \
        words + escape.token(b'DOTI', len(body), body)


def address(i):
    """One of 200 hostile addresses."""
    return '127.1.%d.%d' % (i % 20 + 1, i // 20 % 10 + 1)


def read(path):
    with open(path, 'rb') as f:
        return f.read()


class Node:
    def __init__(self):
        env = os.environ
        self.port, self.pid = int(env['NODE_PORT']), int(env['NODE_PID'])
        self.log, self.audit = env['NODE_LOG'], env['NODE_AUDIT']
        self.host = env.get('NODE_HOST', '127.0.0.1')

    def family(self):
        return socket.AF_INET6 if ':' in self.host else socket.AF_INET

    # -- memory --

    @staticmethod
    def shared(pid, seen):
        """Bytes of memfds, and of the tmpfs of a cell, each once."""
        total = 0
        for name in os.listdir(f'/proc/{pid}/fd'):
            path = f'/proc/{pid}/fd/{name}'
            if not os.readlink(path).startswith('/memfd:'):
                continue
            st = os.stat(path)
            if (st.st_dev, st.st_ino) not in seen:
                seen.add((st.st_dev, st.st_ino))
                total += st.st_blocks * 512
        top = f'/proc/{pid}/root/tmp'
        if len(roles.read(f'/proc/{pid}/status').split(b'NSpid:')[1]
               .split(b'\n')[0].split()) > 1 and os.path.exists(top):
            dev = os.stat(top).st_dev
            if dev not in seen:
                seen.add(dev)
                fs = os.statvfs(top)
                total += (fs.f_blocks - fs.f_bfree) * fs.f_frsize
        return total

    def memory(self):
        """What all processes of the node hold: their own (Pss), memfds
        whether mapped or not, and what lies in the cells' tmpfs."""
        total, seen = 0, set()
        for pid in escape.below(self.pid):
            try:
                roll = read(f'/proc/{pid}/smaps_rollup')
                total += int(re.search(rb'\nPss: +(\d+)', roll)[1]) * 1024
                total += self.shared(pid, seen)
            except (OSError, TypeError):
                pass  # ended meanwhile
        return total

    # -- what is left --

    def left(self):
        processes = roles.tree(self.pid)
        held = {}
        for p in processes.values():
            role = roles.role_of(p, self.pid, processes)
            if p.depth > 1 or role == 'zygote':
                held.setdefault(role, []).append(0)  # cells come and go
            else:
                held.setdefault(role, []).append(sum(1 for _ in p.fds()))
        mounts = [m for m in read(f'/proc/{self.pid}/mountinfo').splitlines()
                  if b'/image/' not in m]
        held = {role: sorted(v) for role, v in held.items()}
        return dict(held, mounts=len(mounts))

    def settled(self, want=None):
        """left(), when it is @want, or has been the same for a second."""
        last, since, end = None, 0, time.monotonic() + 20
        while time.monotonic() < end:
            now = self.left()
            if now == want:
                break
            if now != last:
                last, since = now, time.monotonic()
            elif want is None and time.monotonic() - since > 1:
                break
            time.sleep(0.1)
        return now

    def died(self):
        return [line.decode('latin-1') for line in read(self.log).splitlines()
                if re.search(rb'role\.(died|bad)|(front|executor|broker|'
                             rb'cell)\.(bad|crash|message|memfd)', line)]

    # -- the record --

    def records(self, start):
        """Words by the (address, port) they are about, and how many were
        too many to be recorded."""
        words, lost = {}, 0
        with open(self.audit, 'rb') as f:
            f.seek(start)
            for line in f:
                if not line.endswith(b'\n'):
                    break
                r = json.loads(line)
                if r['type'] == 'event' and r['word'] == 'conn.many':
                    lost += int(r['text'].split()[0])
                word = r.get('word') if r['type'] == 'event' else r['reason']
                if 'port' in r:
                    words.setdefault((r['client'], r['port']), []).append(word)
        return words, lost


class Memory:
    """The most that the node had, looked at by a process of its own."""

    def __init__(self, node):
        self.most = multiprocessing.Value('Q', 0)
        self.done = multiprocessing.Event()
        self.process = multiprocessing.Process(target=self.watch, args=[node])

    def watch(self, node):
        while not self.done.wait(0.05):
            self.most.value = max(self.most.value, node.memory())

    def __enter__(self):
        self.process.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.process.join()


class Storm:
    """All connections of a case and the honest jobs beside them, in one
    loop."""

    def __init__(self, node, cases, window=64, per_second=None,
                 honest_from=HONEST_ADDRESS, honest_jobs=1):
        self.node, self.todo = node, deque(cases)
        self.window, self.per_second = window, per_second
        self.honest_from, self.honest_jobs = honest_from, honest_jobs
        self.all = list(cases)
        self.epoll = select.epoll()
        self.by_fd, self.drips, self.held = {}, deque(), []
        self.finished = 0
        self.answers = []  # finished hostile ones when an honest had its own
        self.honest = None
        self.wrong = []
        self.begun = time.monotonic()
        self.started = 0

    def connect(self, c):
        c.sock = socket.socket(self.node.family())
        c.sock.setblocking(False)
        if c.manner == 'deaf':
            c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        if c.source:
            c.sock.bind((c.source, 0))
        r = c.sock.connect_ex((self.node.host, self.node.port))
        if r not in (0, errno.EINPROGRESS):
            self.end(c, 'no connection: ' + os.strerror(r))
            return
        c.local = c.sock.getsockname()
        self.by_fd[c.sock.fileno()] = c
        self.epoll.register(c.sock, select.EPOLLIN | select.EPOLLOUT)

    def end(self, c, how):
        if c.over is not None:
            return
        c.over = how
        if c.sock is not None:
            self.by_fd.pop(c.sock.fileno(), None)
            c.sock.close()
        if c is self.honest:
            self.honest_done(c)
        else:
            self.finished += 1

    def honest_done(self, c):
        got = verdict(c)
        if got == 'compiled':
            self.answers.append(self.finished)
        else:
            self.wrong.append(f'an honest job: {got} {bytes(c.raw[:200])!r}')
        self.honest = None

    def reset(self, c):
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack('ii', 1, 0))
        self.end(c, 'reset')

    def sent_all(self, c):
        if c.manner == 'reset':
            self.reset(c)
            return
        if c.manner == 'half':
            self.half_close(c)
        if c.manner in ('held', 'deaf'):
            self.held.append(c)
        self.epoll.modify(c.sock, 0 if c.manner == 'deaf' else select.EPOLLIN)

    def half_close(self, c):
        try:
            c.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # closed already

    def write(self, c):
        piece = c.data[c.sent:c.sent + (1 if c.drip else 1 << 20)]
        try:
            c.sent += c.sock.send(piece) if piece else 0
        except BlockingIOError:
            return
        except OSError:
            c.sent = len(c.data)  # refused while it sends: read why
        if c.sent == len(c.data):
            self.sent_all(c)
        elif c.drip:
            self.epoll.modify(c.sock, select.EPOLLIN)
            self.drips.append(c)

    def take(self, c):
        try:
            piece = c.sock.recv(1 << 18)
        except BlockingIOError:
            return
        except ConnectionError:
            piece = b''
        c.raw += piece
        if piece and c.manner == 'leave':
            self.half_close(c)
        if piece and c.manner == 'leap':
            self.reset(c)
        if piece:
            return
        if c.manner == 'held' and c in self.held:
            self.wrong.append(f'{c.name}: ended before its time')
            self.held.remove(c)
        self.end(c, 'ended')

    def serve(self, fd, events):
        c = self.by_fd.get(fd)
        if c is None:
            return
        if events & select.EPOLLOUT and c.sent <= len(c.data):
            self.write(c)
        if c.over is None and events & ~select.EPOLLOUT and \
                not (c.manner == 'deaf' and c.sent == len(c.data)):
            self.take(c)

    def start_some(self):
        now = time.monotonic()
        while self.todo and len(self.by_fd) - len(self.held) < self.window:
            if self.per_second and self.started > \
                    (now - self.begun) * self.per_second:
                return
            self.started += 1
            self.connect(self.todo.popleft())

    def start_honest(self):
        running = self.started >= min(self.window, len(self.all))
        if self.honest is None and running and \
                (self.todo or self.by_fd or not self.answers):
            self.honest = Honest()
            self.honest.source = self.honest_from
            self.connect(self.honest)

    def drip_round(self):
        for _ in range(len(self.drips)):
            c = self.drips.popleft()
            if c.over is None:
                self.epoll.modify(c.sock, select.EPOLLIN | select.EPOLLOUT)

    def release(self):
        """Only the held ones are left, and the honest had their answer."""
        if self.todo or len(self.answers) < self.honest_jobs or \
                len(self.by_fd) > len(self.held) + (self.honest is not None):
            return
        for _ in range(PER_SECOND // 20 if self.per_second else 1000):
            if not self.held:
                return
            c = self.held.pop()
            if c.manner == 'deaf':
                self.reset(c)
            else:
                self.half_close(c)
        if self.per_second:
            time.sleep(0.05)

    def run(self):
        while self.finished < len(self.all) or self.honest is not None:
            if time.monotonic() - self.begun > PATIENCE_S:
                self.wrong += [f'{c.name}: still there' for c in
                               list(self.by_fd.values())[:5]]
                break
            self.start_some()
            self.start_honest()
            for fd, events in self.epoll.poll(0.02, 512):
                self.serve(fd, events)
            self.drip_round()
            self.release()
        for c in list(self.by_fd.values()):
            c.sock.close()
        self.epoll.close()


def verdict(c):
    """What has come of it, without the record's word."""
    if c.over != 'ended':
        return c.over or 'nothing'
    if not c.raw:
        return 'closed'
    try:
        reply = escape.Reply(bytes(c.raw), False)
    except ValueError:
        return f'garbled {bytes(c.raw[:60])!r}'
    if not reply.whole and not (reply.status == 0 and b'DOTD' in
                                reply.parts):
        return 'cut'
    if reply.status == 0:
        return 'compiled' if reply.parts[b'DOTO'] else 'no object'
    word = re.search(r'([a-z]+\.[a-z-]+): ', reply.text().split(
        'immured: ', 1)[1].replace('refused: ', '')) \
        if 'immured: ' in reply.text() else None
    return f'answered {word[1]}' if word else 'failed'


def fits(got, words, want):
    """Is the end @got, with @words on record, the one of @want?"""
    kind, _, word = want.partition(' ')
    allowed = word.split('|')
    if not word:
        return got == kind
    if kind == 'failed':
        return got == kind and word in (words or ())
    if kind == 'answered':
        return got.partition(' ')[2] in allowed and \
            set(words or ()) & set(allowed)
    if got not in (kind, 'reset'):
        return False
    return any(w in allowed for w in words or ())


def wrong_ends(node, cases, start, exact):
    """A line for each that ended otherwise than it must.  What is recorded
    comes a little later than the end; without @exact too many may have ended
    in a second to be recorded, and then those that are must be right."""
    end = time.monotonic() + 10
    while True:
        words, lost = node.records(start)
        bad = []
        for c in cases:
            said = words.get(tuple(c.local[:2])) if c.local else None
            got = verdict(c)
            if not fits(got, said, c.want) and not \
                    (not exact and said is None and lost and
                     c.want.split()[0] in (got, 'closed')):
                bad.append(f'{c.name}: {got} {said}, must be {c.want}')
        if not bad or time.monotonic() > end:
            return bad
        time.sleep(0.3)


def alone(node, c):
    """Just this one: its verdict."""
    s = Storm(node, [])
    s.connect(c)
    while c.over is None and time.monotonic() - s.begun < PATIENCE_S:
        for fd, events in s.epoll.poll(0.1):
            s.serve(fd, events)
    s.epoll.close()
    return verdict(c)


def large_job(node, source):
    """A job of 48 MiB, mostly of comment."""
    text = b'/*' + b'x' * (48 * MIB) + b'*/\nint large;\n'
    got = alone(node, Hostile('a large job', request(1, text), 'compiled',
                              source=source))
    return [] if got == 'compiled' else [f'a large job afterwards: {got}']


def storm(node, cases, k, bound, window=64, per_second=PER_SECOND,
          exact=True, honest_from=HONEST_ADDRESS, honest_jobs=1):
    """The rules at the top, for @cases: @honest_jobs done before @k of them
    have finished, @bound bytes more than the idle node.  What is wrong."""
    for i, c in enumerate(cases):
        if c.source is None:
            c.source = address(i)
    before, idle = node.settled(), node.memory()
    start = os.path.getsize(node.audit)
    s = Storm(node, cases, window, per_second, honest_from, honest_jobs)
    with Memory(node) as memory:
        s.run()
    wrong = s.wrong[:10]
    wrong += wrong_ends(node, cases, start, exact)[:10]
    most = max(0, memory.most.value - idle)
    print(f'  {len(cases)} connections, honest jobs done when '
          f'{s.answers[:3]} of them had finished, {len(s.answers)} in all; '
          f'at most {most // MIB} MiB more, bound {bound // MIB}')
    return wrong + list(judge(s.answers, k, honest_jobs, memory.most.value,
                              idle, bound)) + afterwards(node, before, cases[0].source)


def judge(answers, k, honest_jobs, most, idle, bound):
    """Rules (a) and (b)."""
    if sum(a <= k for a in answers) < honest_jobs:
        yield f'{answers[:honest_jobs]} had finished when an honest job ' \
              f'was answered; {k} may'
    if most > idle + bound:
        yield f'{(most - idle) // MIB} MiB more, over {bound // MIB}'
    if most == 0:
        yield 'nobody has looked at the memory'


def afterwards(node, before, source):
    wrong = large_job(node, source)
    after = node.settled(before)
    if after != before:
        wrong.append(f'left behind: {before} before, {after}')
    return wrong + node.died()[:5]


def main(cases):
    """Run those named on the command line, or all."""
    node, bad = Node(), 0
    for name in sys.argv[1:] or cases:
        begun = time.monotonic()
        wrong = cases[name](node)
        print(f'{name}: {time.monotonic() - begun:.1f} s, '
              f'{len(wrong)} wrong')
        for w in wrong:
            print('  ' + w)
        bad += len(wrong)
    return 1 if bad else 0
