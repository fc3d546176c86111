#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A fault at every set-up system call: nothing ever runs outside a whole jail.

faults.py [--build DIR] [--seconds N] [--seed N] [--slot|--jail|--roles]...
          [--only REGEXP] [--expect-hole] [--jobs N | --part K/N]

A run without a fault lists the calls of whatever is set up (tests/escape/
fault.c), up to the moment for which it all is done, and what the kernel says of
the process then.  Then each call fails in a run of its own.  Three things:

  slot   spawner, zygote, executor and cells, driven by hand; the moment is the
         exec of witness.c in the compiler's place, in plain and in pump mode
  jail   immure-jail; the moment is the exec of its command, the witness
  roles  each role's start; the moment is its first call under its filter

Passed: the moment never comes, or all is as without a fault and the witness
gets nowhere.  And nothing is left: no process, no mount.  --seconds takes a
sample, by a seed that is printed.  --only takes the sites that REGEXP matches.
--part takes each N-th fault, --jobs runs N parts at a time, with a slot each:
most of the time is waiting for what never comes.
--expect-hole: exit status 0 if a hole was found, else 1.  Needs root.
"""
import argparse
import ctypes
import errno
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import roles  # noqa: E402

# One call for each capability or signal there is: PR_CAPBSET_READ,
# PR_CAPBSET_DROP, PR_CAP_AMBIENT.
ROWS = {'prctl(23)', 'prctl(24)', 'prctl(47)', 'rt_sigaction'}
# Calls whose EINVAL (no such thing in this kernel) or end of file the code
# answers in a way of its own.
ALSO = {'prctl': [errno.EINVAL], 'landlock_create_ruleset': [errno.EINVAL],
        'seccomp': [errno.EINVAL], 'clone3': [errno.ENOSYS, errno.ENOSPC],
        'setgroups': [errno.EINVAL], 'mount_setattr': [errno.EINVAL],
        'read': [0, errno.EINTR], 'poll': [0], 'wait4': [errno.EINTR],
        'mkdir': [errno.EEXIST], 'setrlimit': [errno.EINVAL],
        'close_range': [errno.ENOSYS], 'sendmsg': [errno.EAGAIN]}
# A process whose moment differs in this alone is as whole as it was.
HARMLESS = [
    (r' "status SigIgn', r':rt_sigaction:',
     'an ignored signal stays ignored; the command may ignore it itself'),
    (r'^lacks "mountinfo (/usr|/etc|/lib|/bin|/sbin)', r'^0:newfstatat:',
     'what --usual cannot look at it does not bind: the jail shows less'),
    (r'^lacks "fd [0-9]+ /dev/null', r':fcntl:',
     'the copy of stderr that a filter which fails would be told on'),
]


# What the kernel says of a compiler in a whole jail (plain): lines that must be
# there, and of these beginnings no other.
LIMITS = {'cpu time': '4501 4501 seconds',
          'file size': '2147483648 2147483648 bytes',
          'stack size': '67108864 67108864 bytes',
          'core file size': '1 1 bytes', 'processes': '64 64 processes',
          'open files': '256 256 files', 'locked memory': '0 0 bytes',
          'address space': '8589934592 8589934592 bytes',
          'file locks': '0 0 locks', 'pending signals': '64 64 signals',
          'msgqueue size': '0 0 bytes', 'nice priority': '0 0',
          'realtime priority': '0 0'}
NO_MORE = 'mountinfo ', 'fd '
IPC = ('kernel/shmmni', 'kernel/shmall', 'kernel/shmmax', 'kernel/msgmni',
       'kernel/msgmax', 'kernel/msgmnb', 'kernel/sem', 'fs/mqueue/queues_max')


def kernel_has():
    """(Landlock's ABI, PR_SET_MDWE, ipc limits of a namespace's own root)"""
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(444, None, 0, 1)  # landlock_create_ruleset(2)
    release = [int(n) for n in re.findall(r'[0-9]+', os.uname().release)[:2]]
    return abi, libc.prctl(66, 0, 0, 0, 0) >= 0, release >= [6, 9]


def whole_jail():
    abi, mdwe, ipc = kernel_has()
    ro, job = 'ro,nosuid,nodev', SLOT_UID + 1
    yield from (f'status {c}: 0000000000000000' for c in
                ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'))
    yield from (f'status {i}: {job} {job} {job} {job}' for i in ('Uid', 'Gid'))
    yield from (f'{n} depth 2 its own' for n in ('NSpid:', 'NSsid:', 'NSpgid:'))
    yield from ('status Groups:', 'status NoNewPrivs: 1', 'status Seccomp: 2',
                'status Seccomp_filters: 2', 'oom_score_adj 1000',
                'fd 0 pipe:', 'fd 1 pipe:', 'fd 2 pipe:')
    yield from (f'limits Max {k} {v}' for k, v in LIMITS.items())
    yield f'mountinfo / {ro},noexec,relatime - tmpfs none ' \
        'rw,size=256k,nr_inodes=1024,mode=755'
    yield f'mountinfo /.immure {ro},relatime - tmpfs immure rw'
    yield 'mountinfo /tmp rw,nosuid,nodev,noexec,relatime,nosymfollow - ' \
        'tmpfs none rw,size=2097152k,nr_inodes=262144,mode=755,' \
        f'uid={SLOT_UID},gid={SLOT_UID}'
    yield from (f'ns {n} its own' for n in
                ('user', 'pid', 'mnt', 'net', 'ipc', 'uts', 'cgroup'))
    if roles.node_has_groups(None, None):
        yield 'group cell'
    yield f'landlock {2 if abi >= 6 else 1}'
    # PDEATHSIG, dumpable, bounding set, securebits, no_new_privs
    yield from (f'prctl {n}' for n in [1, 4, 24, 28, 38] + [65] * mdwe)
    for name in os.listdir('/proc/sys/user'):
        if name.startswith('max_'):
            many = name in ('max_pid_namespaces', 'max_mnt_namespaces')
            yield f'sysctl user/{name} {32 if many else 0}'
    for name in IPC if ipc else ():
        if os.path.exists('/proc/sys/' + name):
            zeros = '0 0 0 0' if name == 'kernel/sem' else '0'
            yield f'sysctl {name} {zeros}'


def not_whole(state):
    """How @state differs from a whole jail's, a line each."""
    want = set(whole_jail())
    lacks = sorted(f'lacks "{line}"' for line in want - state)
    return lacks + sorted(f'has "{line}"' for line in state - want
                          if line.startswith(NO_MORE))


def role_not_whole(state):
    """The same of a role under its filter: what roles.py cannot see."""
    want = {'status NoNewPrivs: 1', 'status Seccomp: 2', 'landlock 1',
            'prctl 1', 'prctl 4', 'prctl 24', 'prctl 28', 'prctl 38'}
    return sorted(f'lacks "{line}"' for line in want - state)


def errnos(call):
    name = call.split('(')[0]
    return [errno.EPERM] + ALSO.get(name, [])


def normal(line):
    """What two runs have in common."""
    words = line.split()
    if words[0] == 'mountinfo':
        # without ids, device numbers and where it lies in its file system
        return ' '.join([words[0]] + words[5:])
    if words[0] == 'status' and words[1] in ('NSpid:', 'NSsid:', 'NSpgid:'):
        # outside numbers differ; inside 0 is a session of somebody else
        inside = words[-1] if len(words) > 3 else 'n'
        return f'{words[1]} depth {len(words) - 2} ' + (
            '0' if inside == '0' else 'its own')
    return ' '.join(words)


# drive_executor.h; what is left of a slot is told by its uids, so two runs at a
# time must not have one slot
os.environ.setdefault('DRIVE_SLOT', str(3000 + os.getpid() % 1000))
SLOT_UID = 1900001000 + 2 * int(os.environ['DRIVE_SLOT'])


class Run:
    """What one run has left in its log."""
    def __init__(self, path):
        self.sites, self.left, self.state = [], [], None
        self.failed, self.moment = False, None
        with open(path, errors='replace') as f:
            for line in f:
                kind, _, text = line.rstrip('\n').partition(' ')
                if kind == 'S' and self.moment is None:
                    self.sites.append(text)
                elif kind == 'F':
                    self.failed = True
                elif kind == 'M':
                    self.moment, self.state = text, set()
                elif kind == '|':
                    self.state.add(normal(text))
                elif kind == 'L':
                    self.left.append(text)


class Slot:
    """drive_executor faults; one image, a slot a line."""
    def __init__(self, build, scratch, mode):
        self.name, self.mode = mode, mode
        self.log = os.path.join(scratch, 'log')
        self.drive = subprocess.Popen(
            [f'{build}/tests/escape/drive_executor', 'faults'],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True)

    def run(self, fault='-', process='-'):
        """(Run, what the witness said or None, what is left or None)."""
        if os.path.exists(self.log):
            os.unlink(self.log)
        self.drive.stdin.write(f'{self.log} {self.mode} {fault} {process}\n')
        self.drive.stdin.flush()
        answer = self.drive.stdout.readline()
        if not answer.startswith('RESULT'):
            raise SystemExit(f'drive_executor: {answer}')
        said = re.search(r'said=(\S+)', answer)
        left = answer.rpartition('left=')[2].strip()
        return (Run(self.log), said.group(1) if said else None,
                None if left == '-' else left)

    def end(self):
        self.drive.stdin.close()
        self.drive.wait()


class Jail:
    name = 'jail'

    def __init__(self, build, scratch):
        self.build, self.log = build, os.path.join(scratch, 'log')
        self.witness = f'{build}/tests/escape/witness'
        # what a jail of the caller's making is held to: jail_inside.c
        layers = (1 << 23) - 1
        for not_here in (2, 9, 15, 21):
            layers &= ~(1 << not_here)
        self.layers = f'{layers:x}'

    def run(self, fault=None, process=None):
        command = [f'{self.build}/tests/escape/fault', '-l', self.log,
                   '-m', 'exec:/witness']
        if fault:
            command += ['-f', fault, '-t', process]
        command += ['--', f'{self.build}/immure-jail', '--usual', '--tmpfs',
                    '/tmp', '--exec', f'{self.witness}:/witness', '--',
                    '/witness', self.layers]
        try:
            p = subprocess.run(command, stdin=subprocess.DEVNULL,
                               capture_output=True, text=True, timeout=100,
                               check=False)
        except subprocess.TimeoutExpired:
            return Run(self.log), None, 'a jail that neither runs nor ends'
        said = re.search(r'witness (\S+)', p.stdout)
        return Run(self.log), said and 'witness:' + said.group(1), None

    def end(self):
        pass


class Role:
    def __init__(self, build, scratch, role):
        self.name, self.build = role, build
        self.log = os.path.join(scratch, 'log')
        self.images = os.path.join(scratch, 'images')
        os.makedirs(os.path.join(self.images, '1'), exist_ok=True)

    def command(self):
        path = f'{self.build}/libexec/immure-{self.name}'
        if self.name == 'imager':
            return [path, '--images', self.images, '--generation', '1']
        return [path]

    def run(self, fault=None, process=None):
        command = [f'{self.build}/tests/escape/fault', '-l', self.log,
                   '-m', 'filter']
        if fault:
            command += ['-f', fault, '-t', process]
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                 for _ in range(2)]

        def place():
            for number, pair in zip((3, 4), pairs):
                os.dup2(pair[1].fileno(), number)
        with subprocess.Popen(
                command + ['--'] + self.command(), close_fds=False,
                preexec_fn=place, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
            for pair in pairs:
                pair[1].close()
            # its first message, or its end
            select.select([pairs[0][0]], [], [], 100)
            for pair in pairs:
                pair[0].close()
            left = None
            if self.name == 'imager':  # it works on, without its peers
                p.kill()
            try:
                p.wait(100)
            except subprocess.TimeoutExpired:
                left = 'the role, after its peers have gone'
                p.kill()  # PTRACE_O_EXITKILL takes the rest along
        return Run(self.log), None, left

    def end(self):
        pass


def choose(sites, rng):
    """Every site, but of the long rows of one call a few."""
    rows, chosen = {}, []
    for site in sites:
        process, call, _ = site.split(':')
        if call in ROWS:
            rows.setdefault((process, call), []).append(site)
        else:
            chosen.append(site)
    for row in rows.values():
        chosen += row if len(row) < 4 else [row[0], row[1], row[-1],
                                            rng.choice(row)]
    return chosen


def harmless(site, difference):
    return any(re.search(what, difference) and re.search(where, site)
               for what, where, _ in HARMLESS)


def judge(base, base_said, fault, run, said, left):
    """What is wrong with this run, in words."""
    wrong = []
    if run.moment is not None:
        for word, lines in (('lacks', base.state - run.state),
                            ('has', run.state - base.state)):
            told = [f'{word} "{line}"' for line in sorted(lines)]
            wrong += [line for line in told if not harmless(fault, line)]
        # an answer may be lost; a bad one may not be
        if said not in (None, '-', base_said):
            wrong.append(f'the witness says {said}, not {base_said}')
    if left:
        wrong.append(f'left: {left}')
    wrong += [f'left: {line}' for line in run.left]
    return wrong


class Suite:
    def __init__(self, rng, seconds, only, part):
        self.rng, self.seconds, self.only = rng, seconds, only
        self.part = part
        self.ran = self.whole = self.closed = self.missed = 0
        self.holes = []

    def baseline(self, target):
        run, said, left = target.run()
        if run.moment is None:
            raise SystemExit(f'{target.name}: without a fault it does not run')
        if said not in (None, 'witness:0') or left or run.left:
            raise SystemExit(f'{target.name}: without a fault: {said}, '
                             f'left {left} {run.left}')
        if target.name == 'plain' and not_whole(run.state):
            raise SystemExit('plain: without a fault it ' +
                             '; '.join(not_whole(run.state)))
        if isinstance(target, Role) and role_not_whole(run.state):
            raise SystemExit(f'{target.name}: without a fault it ' +
                             '; '.join(role_not_whole(run.state)))
        return run, said

    def one(self, target, base, said, fault):
        for _ in range(2):  # a call may come too late to be the same one
            run, now, left = target.run(fault, base.moment)
            if run.failed:
                break
        self.ran += 1
        if not run.failed:
            self.missed += 1
            print(f'{target.name}: {fault}: not reached', flush=True)
        wrong = judge(base, said, fault, run, now, left)
        self.whole += run.moment is not None
        self.closed += run.moment is None
        if wrong:
            self.holes.append(fault)
            print(f'{target.name}: {fault}: ' + '; '.join(wrong), flush=True)

    def all(self, target, budget, known):
        """Every call of @target that is not @known from another one."""
        end = time.monotonic() + budget if self.seconds else float('inf')
        base, said = self.baseline(target)
        sites = choose([s for s in base.sites if s not in known and
                        re.search(self.only, s)], self.rng)
        faults = [f'{s}={e}' for s in sites for e in errnos(s.split(':')[1])]
        if self.seconds:
            self.rng.shuffle(faults)
        first, step = self.part
        faults = faults[first::step]
        before = self.ran
        for fault in faults:
            if time.monotonic() > end:
                break
            self.one(target, base, said, fault)
        target.end()
        print(f'{target.name}: {self.ran - before} of {len(faults)} faults at '
              f'{len(base.sites)} calls', flush=True)
        return set(base.sites)


ROLES = ['front', 'broker', 'auditor', 'status', 'imager']


def targets(options, build, scratch):
    every = not (options.slot or options.jail or options.roles)
    if options.jail or every:
        yield lambda: Jail(build, scratch), 1
    if options.roles or every:
        for role in ROLES:
            yield lambda role=role: Role(build, scratch, role), 1
    if options.slot or every:
        yield lambda: Slot(build, scratch, 'plain'), 6
        yield lambda: Slot(build, scratch, 'pump'), 2


def in_parts(jobs, seed):
    """This command @jobs times, each with its part; their worst status."""
    slot = int(os.environ['DRIVE_SLOT'])
    parts = [subprocess.Popen(sys.argv + [f'--part={k}/{jobs}', '--jobs=0',
                                          f'--seed={seed}'],
                              env={**os.environ, 'DRIVE_SLOT': str(slot + k)})
             for k in range(jobs)]
    return max(p.wait() for p in parts)


def part_of(text):
    first, step = (int(n) for n in text.split('/'))
    if not 0 <= first < step:
        raise ValueError(text)
    return first, step


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', default=os.environ.get('B', 'build'))
    parser.add_argument('--seconds', type=float)
    parser.add_argument('--seed', type=int)
    for name in 'slot', 'jail', 'roles', 'expect-hole':
        parser.add_argument('--' + name, action='store_true')
    parser.add_argument('--only', default='')
    parser.add_argument('--part', type=part_of, default=(0, 1))
    parser.add_argument('--jobs', type=int, metavar='N')
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else \
        random.SystemRandom().randrange(1 << 32)
    if options.jobs:
        print(f'seed {seed}', flush=True)
        return in_parts(options.jobs, seed)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    suite = Suite(random.Random(seed), options.seconds, options.only,
                  options.part)
    with tempfile.TemporaryDirectory(prefix='immure-faults.') as scratch:
        os.chmod(scratch, 0o755)
        todo = list(targets(options, os.path.abspath(options.build), scratch))
        share = (options.seconds or 0) / sum(w for _, w in todo)
        known = set()
        for make, weight in todo:
            target = make()
            sites = suite.all(target, share * weight, known)
            # pump differs from plain in some of its cells
            known = sites if target.name == 'plain' else set()
    print(f'{suite.ran} faults: {suite.closed} times nothing ran, '
          f'{suite.whole} times in a whole jail, {suite.missed} not reached, '
          f'{len(suite.holes)} holes')
    if options.expect_hole:
        return 0 if suite.holes else 1
    # a site that is never met again shows nothing
    return 1 if suite.holes or suite.missed * 10 >= suite.ran else 0


if __name__ == '__main__':
    sys.exit(main())
