#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Roles that are taken over (security-rules 16), in a running node.

taken.py [--learn] PORT MONITOR-PID PLAN LOG ROLE[.ROW,...]...

The programs of ROLE are tests/taken/hostile.c's.  A case is one act on one row
of docs/privsep.md, *Messages*, or of the whole process.  In each the act has
happened; who must be ended is ended, and named in the log, and who must not be
is not; every other process of the node is the one it was; others are answered
meanwhile within BOUND_S; and an honest job works afterwards.  --learn prints
what was seen in place of judging it.  Needs root.
"""
import collections
import errno
import mmap
import os
import re
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'escape'))
import escape  # noqa: E402

BOUND_S = 0.1     # security-rules 16
TRIES = 3         # others work on this machine too
ACT_S = 30        # it has come to the act by then
END_S = 20.0      # a liar is gone by then
JOB_S = 25.0
FASTER = 8        # tests/taken/fast_clock.c
PLAN = '=7Ii3I16s16s'
WANTED, TAKEN, DONE = 1, 2, 3
HOOK, INJECT = 0, 1

# Acts.  What is wrong of a message's form:
FORM = 'len0 short long max over lie tiny empty type'
SOME = 'long over empty type'
# … of descriptors where there must be none, or not any:
NO_FDS = 'onemore linger epoll many'
FDS = ('nofd onemore many pipe linger epoll hugetlb sparse mapped opath '
       'unsealed size owner')
# … of a job's number, and of what it says:
IDS = 'job0 job+1 jobmax'
BODY = 'ff zero escapes'

# With "/N" the message goes to front N: one front's word alone does not end the
# broker, a second one's does.
# Of each role: row, type, mode, the type of a message that goes the same way,
# the socket otherwise; then the acts after which it must be ended, and those
# which it survives, because they are within what it may say.
TABLE = f'''
front    READY        100 inject 0   3 | over type twice | - | linger
front    AUDIT_EVENT  604 inject 0   3 | len0 over ff | job+1 twice flood escapes | many linger
front    CONN_END     202 hook   0   3 | long empty | {IDS} twice flood drop | onemore linger
front    RESERVE      300 hook   0   4 | {FORM} {NO_FDS} twice flood | job+1 ff zero drop | -
front    JOB_REQUEST  302 hook   0   4 | {FORM} {FDS} zeros {IDS} {BODY} twice flood | drop | -
front    CONN_OVER    306 hook   0   4 | {SOME} linger many | {IDS} ff zero twice flood drop | -
front    *            100 inject 0   3 | exit exit3 crash stop silent hangup | - | -
executor JOB_TAKEN    406 hook   0   4 | - | silent | -
executor JOB_TAKEN    406 hook   0   4 | long over type linger many {IDS} twice flood | drop | -
executor READY        100 inject 0   3 | over twice | - | linger
executor AUDIT_EVENT  604 inject 0   3 | short ff | twice flood escapes | many
executor SLOT_READY   404 inject 0   4 | {SOME} linger many job+1 twice flood ff | - | -
executor JOB_DONE     401 hook   0   4 | {FORM} {FDS} {IDS} {BODY} twice flood | zeros drop | -
executor CELL_MAKE    500 hook   0   6 | over type nofd many pipe linger job+1 twice flood ff | zero | -
executor *            100 inject 0   4 | exit exit3 crash stop hangup | - | -
status   READY        100 inject 0   3 | over twice | - | linger
status   AUDIT_EVENT  604 inject 0   3 | short ff | flood escapes | many
status   STATS        30a inject 0   4 | - | long over linger many flood | -
status   *            100 inject 0   3 | exit crash stop hangup | - | -
auditor  READY        100 inject 0   3 | over | - | linger
auditor  AUDIT_EVENT  604 inject 0   3 | empty ff | twice flood escapes | many
auditor  LOG_AGAIN    606 inject 0   3 | type | jobmax twice flood | linger
auditor  PEER_BAD     218 inject 0   3 | zero | - | -
auditor  *            100 inject 0   3 | exit crash stop silent hangup | - | -
imager   AUDIT_EVENT  604 inject 0   3 | - | twice flood escapes | -
imager   IMAGE_STALE  222 inject 0   3 | - | twice flood jobmax | -
imager   *            100 inject 0   3 | crash | - | -
imager   IMAGE_READY  220 hook   0   3 | zeros mapped | - | -
zygote   CELL_MADE    501 hook   0   0 | {FORM} many job+1 twice flood {BODY} crash | - | -
zygote   CELL_READY   502 hook   0   0 | {SOME} twice flood ff exit | zero job+1 | -
zygote   CELL_STATUS  504 hook   0   0 | {FORM} twice flood exit crash | job+1 | many
zygote   PACK_NOW     514 hook   0   0 | {SOME} onemore many crash | job+1 | -
zygote   KILLER      f001 hook   0   0 | short drop exit crash | twice | -
broker   READY        100 inject 0   3 | twice | - | linger
broker   AUDIT_EVENT  604 inject 0   3 | empty ff | twice flood escapes | many
broker   PEER_BAD     218 inject 0   3 | long zero | - | linger
broker   JOB_STARTED  308 hook   0   0 | - | twice/0 | -
broker   JOB_STARTED  308 hook   0   0 | twice/1 | job+1 jobmax drop | -
broker   RESERVED     301 hook   0   0 | over linger | flood job+1 jobmax ff zero drop | -
broker   JOB_REPLY    303 hook   0   0 | nofd many | job+1 mapped linger sparse ff zero zeros drop | -
broker   JOB_CLOSE    304 inject 303 0 | onemore | job+1 jobmax twice flood | -
broker   JOB_START    400 hook   0   0 | nofd linger mapped | zeros job+1 drop | -
broker   JOB_CANCEL   402 inject 400 0 | long | job+1 jobmax twice flood | -
broker   AUDIT_JOB    602 hook   0   0 | short empty ff | twice flood zero escapes drop | linger
broker   STATS        30a hook   0   0 | long | flood ff escapes drop | -
broker   *            100 inject 0   3 | exit crash stop silent hangup | - | -
'''

Row = collections.namedtuple('Row', 'type mode like sock')
Case = collections.namedtuple('Case', 'role name row act want front')


def cases(wanted):
    for line in TABLE.strip().splitlines():
        head, *acts = line.split('|')
        role, name, kind, mode, like, sock = head.split()
        row = Row(int(kind, 16), INJECT if mode == 'inject' else HOOK,
                  int(like, 16), int(sock))
        for w in wanted:
            r, _, names = w.partition('.')
            if r != role or names and name not in names.split(','):
                continue
            for want, some in zip(('ended', 'lives', 'refused'), acts):
                for act in some.replace('-', ' ').split():
                    act, _, front = act.partition('/')
                    yield Case(role, name, row, act, want, front)


class Node:
    def __init__(self, port, monitor, plan, log):
        self.port, self.monitor, self.log = port, monitor, log
        with open(plan, 'r+b') as f:
            self.map = mmap.mmap(f.fileno(), struct.calcsize(PLAN))
        self.serial = os.getpid() % 1000
        self.deaf = set()  # a slot that will be ended later
        self.lock = threading.Lock()

    def get(self):
        """state mode type like sock pid who error sent last seen role act"""
        return struct.unpack(PLAN, self.map[:])

    def arm(self, role, row, act, pid, seen=0):
        self.map[:] = struct.pack(PLAN, 0, row.mode, row.type, row.like,
                                  row.sock, pid, 0, 0, 0, 0, seen,
                                  role.encode(), act.encode())
        self.map[:4] = struct.pack('=I', WANTED if act else 0)

    def disarm(self):
        self.map[:4] = struct.pack('=I', 0)

    def address(self, parity):
        """One that nobody has used: a client of a front that ended is held
        back.  The sum of its bytes says which front serves it."""
        with self.lock:
            self.serial += 1
            b, c = self.serial // 250 % 120, self.serial % 250
        return f'127.{b}.{c}.{2 + (127 + b + c + parity) % 2}'

    def talk(self, request, parity, timeout):
        with socket.socket() as s:
            s.settimeout(timeout)
            s.bind((self.address(parity), 0))
            s.connect(('127.0.0.1', self.port))
            s.sendall(request)
            raw = b''
            while True:
                more = s.recv(65536)
                if not more:
                    return escape.Reply(raw, False)
                raw += more

    def job(self, parity, timeout):
        try:
            r = self.talk(escape.plain_request(
                ['gcc', '-c', 'a.c', '-o', 'a.o'], b'int x;\n'), parity,
                timeout)
            return r.whole and r.status == 0
        except OSError:
            return False

    def ping(self, parity):
        """The monitor, a front and the broker."""
        try:
            r = self.talk(escape.plain_request(
                ['immure-toolchains', '-c', 'a.c'], b''), parity, 3)
            return b'"immured"' in r.parts.get(b'SOUT', b'')
        except OSError:
            return False

    def knock(self, _):
        """The monitor alone: it closes on an address that may not come."""
        try:
            with socket.socket() as s:
                s.settimeout(3)
                s.bind((f'127.254.{self.serial % 250}.1', 0))
                s.connect(('127.0.0.1', self.port))
                return s.recv(1) == b''
        except OSError:
            return False

    def processes(self):
        """(name, pid) of all roles and zygotes."""
        found = set()
        with open(f'/proc/{self.monitor}/task/{self.monitor}/children') as f:
            kids = f.read().split()
        for k in kids:
            try:
                with open(f'/proc/{k}/cmdline', 'rb') as f:
                    word = f.read().decode().split('\0')
            except OSError:
                continue
            name = word[0].rpartition('/')[2].replace('immure-', '')
            if not alive(int(k)) or name == '':
                continue
            if name == 'executor':
                found.add(('zygote' + word[2], int(word[6])))
                name += word[2]
            found.add((name, int(k)))
        return found

    def log_from(self, at):
        with open(self.log, 'rb') as f:
            f.seek(at)
            return f.read()

    def log_size(self):
        return os.path.getsize(self.log)


def alive(pid):
    try:
        with open(f'/proc/{pid}/stat', 'rb') as f:
            return f.read().rpartition(b')')[2].split()[0] not in b'ZX'
    except OSError:
        return False


def wait_until(fn, seconds):
    end = time.monotonic() + seconds
    while not fn():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Asker(threading.Thread):
    """Asks all the while; times of what began at least BOUND_S before @end."""
    def __init__(self, ask, parity):
        super().__init__(daemon=True)
        self.ask, self.parity = ask, parity
        self.stop, self.times = False, []

    def run(self):
        while not self.stop:
            start = time.monotonic()
            self.ask(self.parity)
            self.times.append((start, time.monotonic() - start))
            time.sleep(0.01)

    def worst(self, end):
        return max((t for s, t in self.times if s + BOUND_S < end),
                   default=0.0)


def may_die(case, who, before):
    """Whom the end of a role takes along (docs/privsep.md, *Ends*)."""
    slots = {f'{n}{i}' for n in ('executor', 'zygote') for i in range(4)}
    if case.role == 'broker' and case.want == 'lives':
        # one that does not know which of both lies
        return {'front'} | slots
    if case.role in ('broker', 'auditor'):
        return {'broker', 'auditor', 'front', 'status'} | slots
    if case.role in ('executor', 'zygote'):
        for i in range(4):
            if {(f'executor{i}', who), (f'zygote{i}', who)} & before:
                return {f'executor{i}', f'zygote{i}'}
        return slots
    if case.role == 'imager':
        return {'imager'} | slots  # of the images before
    return {case.role}


def names_liar(case, text):
    name = {'zygote': 'slot|executor'}.get(case.role, case.role)
    if case.role == 'executor':
        name += '|slot'
    return re.search(rf'\b({name}) \d', text) is not None


class Run:
    """One case, once."""
    def __init__(self, node, case, names):
        self.node, self.case = node, case
        parity = int(case.front) if case.front else node.serial % 2
        wait_until(lambda: self.whole(names), 10)
        pid = self.front_pid(parity) if case.role == 'front' else 0
        self.before = before = node.processes()
        at = node.log_size()
        silent = case.role == 'auditor' and case.act == 'silent'
        gone = case.role in ('broker', 'auditor') and not silent
        askers = [Asker(node.knock, 0)]
        if not gone:
            askers.append(Asker(node.ping, 1 - parity))
        # Images take all processors while they are made.
        if case.name != 'IMAGE_READY':
            for a in askers:
                a.start()
        node.arm(case.role, case.row, case.act, pid)
        self.acted = self.wait_act(parity)
        self.who, self.error = node.get()[6:8]
        if case.row.mode == INJECT and case.act == 'silent':
            self.send_job(parity)  # something for it to read
        if case.name == 'IMAGE_READY':
            for a in askers:
                a.start()
        within = self.who <= 2 or case.role == 'zygote'
        self.ended = self.wait_end(before, within, silent)
        end = time.monotonic() if gone or silent else float('inf')
        time.sleep(0.02)
        for a in askers:
            a.stop = True
        for a in askers:
            a.join()
        node.disarm()
        self.worst = max(a.worst(end) for a in askers)
        self.died = {n for n, p in before - node.processes()} - node.deaf
        if case.role == 'executor' and case.act == 'silent':
            slot = next(n[-1] for n, p in before if p == self.who)
            node.deaf = {'executor' + slot, 'zygote' + slot}
        start = time.monotonic()
        self.works = wait_until(lambda: node.job(parity, JOB_S), JOB_S)
        self.took = time.monotonic() - start
        self.text = node.log_from(at).decode(errors='replace')

    def send_job(self, parity):
        job = threading.Thread(target=self.node.job, args=(parity, 3),
                               daemon=True)
        job.start()
        return job

    def has_acted(self):
        """One that is ended within its act, or by it, never says it did."""
        state, who = self.node.get()[0], self.node.get()[6]
        return state == DONE or (
            state == TAKEN and (who <= 2 or not alive(who)))

    def wait_act(self, parity):
        """A hook waits for a job's message.  On a busy machine a job may be
        over before: its client, which waits three seconds, has gone."""
        end = time.monotonic() + ACT_S
        while time.monotonic() < end:
            job = self.send_job(parity) if self.case.row.mode == HOOK else None
            if wait_until(self.has_acted, 4):
                return True
            if job:
                job.join()
        return self.has_acted()

    def whole(self, names):
        have = [n for n, _ in self.node.processes()]
        return all(have.count(n) >= c for n, c in names.items())

    def front_pid(self, parity):
        self.node.arm('', self.case.row, '', 1, 0x302)
        self.node.job(parity, 5)
        return self.node.get()[9]

    def wait_end(self, before, within, silent):
        """Is it gone?  Of what lies within a slot: is the slot?"""
        patience = 0.15
        if self.case.want == 'ended' and self.error != errno.EPERM:
            patience = 15 if silent else END_S
        if within:
            return wait_until(lambda: any(
                not alive(p) for n, p in before if n.startswith('executor')),
                patience)
        return self.acted and wait_until(lambda: not alive(self.who),
                                         patience)

    def seen(self):
        if self.error == errno.EPERM:
            return 'refused'
        return 'ended' if self.ended else 'lives'

    def wrong(self):
        case = self.case
        if not self.acted:
            yield 'it did not come to it'
        # Before Linux 6.16 descriptors arrive, and are a wrong message.
        want = 'ended' if case.want == 'refused' and \
            self.seen() == 'ended' else case.want
        # A cell whose sockets are none is killed because it is deaf; it may
        # have ended before, as one does for which no process was left: it is made
        # again then, and the executor lives.
        if case.name == 'CELL_MAKE' and case.act in ('pipe', 'linger') and \
                'cell.starved' in self.text:
            want = 'lives'
        if self.seen() != want:
            yield f'{self.seen()}, not {want}'
        others = self.died - may_die(case, self.who, self.before)
        if others:
            yield f'{sorted(others)} did not live'
        if not self.works:
            yield 'no honest job works any more'
        if self.ended and case.act != 'exit' and \
                not names_liar(case, self.text):
            yield 'no line of the log names it'
        if case.name == 'AUDIT_EVENT' and case.act == 'flood' and \
                'role.noise' not in self.text:
            yield 'its noise was not bounded'


def settle(node):
    """Until the imager that was started anew has made its images."""
    ready = rb'image\.ready:'
    have = len(re.findall(ready, node.log_from(0)))
    wait_until(lambda: len(re.findall(ready, node.log_from(0))) > have, 30)


def run_case(node, case, names):
    """The last of at most TRIES runs.  Tried again are only the bound, and what
    it did not come to: a job that ended otherwise meanwhile."""
    for _ in range(TRIES):
        r = Run(node, case, names)
        wrong = list(r.wrong())
        if r.acted and (wrong or r.worst <= BOUND_S):
            break
    if r.worst > BOUND_S:
        wrong.append(f'others waited {r.worst * 1000:.0f} ms')
    return r, wrong


def deaf_ended(node):
    """Has the executor that says nothing of its job been ended?  Its deadline
    passes while other cases go on."""
    said = b'says nothing of its job; ended'
    return not node.deaf or wait_until(
        lambda: said in node.log_from(0), 60)


def last_look(node):
    """What cannot be judged case by case."""
    if not deaf_ended(node):
        yield 'an executor that says nothing of its job was not ended'
    raw = node.log_from(0)
    if re.search(rb'[\x00-\x09\x0b-\x1f\x7f-\x9f]', raw):
        yield 'control characters are in the log'
    if b'\nimmured[1] (monitor) node.serving: forged' in raw:
        yield 'a line of the log is forged'


def table(count):
    for (role, name), seen in count.items():
        print(f'# {role:9} {name:12} ' + ' '.join(
            f'{n} {what}' for what, n in sorted(seen.items())))


def main():
    args = sys.argv[1:]
    learn = args[0] == '--learn'
    args = args[learn:]
    node = Node(int(args[0]), int(args[1]), args[2], args[3])
    names = collections.Counter(n for n, _ in node.processes())
    count = collections.defaultdict(collections.Counter)
    bad, worst, start = 0, 0.0, time.monotonic()
    for case in cases(args[4:]):
        r, wrong = run_case(node, case, names)
        count[case.role, case.name][r.seen()] += 1
        worst = max(worst, r.worst)
        if case.role == 'imager' and case.act in ('mapped',):
            settle(node)
        bad += bool(wrong)
        if wrong or learn:
            print(f'{case.role} {case.name} {case.act}: {r.seen()}; '
                  f'{"; ".join(wrong)}', flush=True)
            words = re.findall(r'\(\w+\) [\w.]+: .*', r.text)
            print('   ', [w for w in words if 'access.denied' not in w
                          and 'slot.rebuild' not in w][:4],
                  sorted(r.died), f'{r.worst * 1000:.0f} ms, job '
                  f'{r.took * 1000:.0f}', flush=True)
    for w in last_look(node):
        print(w)
        bad += 1
    table(count)
    n = sum(sum(c.values()) for c in count.values())
    print(f'# {n} cases, {bad} wrong; others waited at most '
          f'{worst * 1000:.0f} ms; {time.monotonic() - start:.0f} s')
    return 1 if bad or n == 0 else 0


sys.exit(main())
