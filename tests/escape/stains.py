# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes that a slot's fingerprint must show, made by root; for reuse.py.

Each stain names a fact of fingerprint.py, is made, looked for and wiped off.
"""
import contextlib
import ctypes
import fcntl
import os
import re
import resource
import signal
import socket
import subprocess
import time

import fingerprint

LIBC = ctypes.CDLL(None, use_errno=True)
# the libraries that name them on older systems
RT = LIBC if hasattr(LIBC, 'mq_open') else ctypes.CDLL('librt.so.1')
SYS_ADD_KEY = {'x86_64': 248, 'aarch64': 217}[os.uname().machine]
SYS_KEYCTL = {'x86_64': 250, 'aarch64': 219}[os.uname().machine]
USER_KEYRING = -4
REMOUNT, RDONLY, BIND = 32, 1, 4096
NOSUID_NODEV_NOEXEC = 2 | 4 | 8


def check(r):
    if r < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return r


@contextlib.contextmanager
def child(slot, spaces, do):
    """@do in a child, in these namespaces of the slot, which then stays."""
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            fds = [os.open(f'/proc/{slot.zygote}/ns/{n}', os.O_RDONLY)
                   for n in spaces]
            for fd in fds:
                check(LIBC.setns(fd, 0))
            if 'user' in spaces:
                os.setresgid(0, 0, 0)
                os.setresuid(0, 0, 0)
            do()
            status = 0
        except OSError as e:
            print(f'stain: {e}', flush=True)
        os.write(w, b'.')
        while status == 0:
            signal.pause()
        os._exit(status)
    os.close(w)
    os.read(r, 1)
    os.close(r)
    yield
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)


@contextlib.contextmanager
def written(path, text, prefix=''):
    old = prefix + fingerprint.read(path)
    write(path, text)
    yield
    write(path, old)


# A descriptor more in the zygote.
@contextlib.contextmanager
def leaked_fd(slot):
    def call(what):
        subprocess.run(
            ['gdb', '-batch', '-nx', '-iex', 'set sysroot /', '-p',
             str(slot.zygote), '-ex', f'call (int){what}'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    call('dup(0)')
    yield
    call('close(4)')


@contextlib.contextmanager
def limit(slot, pid):
    """By its own uid, which takes no capability."""
    what = resource.RLIMIT_NOFILE
    old = tuple(int(n) for n in re.search(
        r'Max open files +(\d+) +(\d+)',
        fingerprint.read(f'/proc/{pid}/limits')).groups())
    ids = [int(re.search(f'{i}:\t(\\d+)', fingerprint.read(
        f'/proc/{pid}/status')).group(1)) for i in ('Gid', 'Uid')]

    def change(limits):
        os.setresgid(*[ids[0]] * 3)
        os.setresuid(*[ids[1]] * 3)
        resource.prlimit(pid, what, limits)
    with child(slot, (), lambda: change((old[0] - 1, old[1]))):
        yield
    with child(slot, (), lambda: change(old)):
        pass


@contextlib.contextmanager
def pending(slot):
    """It hears of SIGCHLD by a descriptor, and not while it is traced and
    stopped; of that kind of stop the monitor does not learn."""
    for request in 0x4206, 0x4207:  # PTRACE_SEIZE, PTRACE_INTERRUPT
        check(LIBC.ptrace(request, slot.executor, None, None))
    os.waitpid(slot.executor, 0x40000000)  # __WALL
    os.kill(slot.executor, signal.SIGCHLD)
    yield
    check(LIBC.ptrace(17, slot.executor, None, None))  # PTRACE_DETACH


@contextlib.contextmanager
def mounted(slot):
    with child(slot, ('mnt',), lambda: check(
            LIBC.mount(b'none', b'/job', b'tmpfs', 0, None))):
        yield
    with child(slot, ('mnt',), lambda: check(LIBC.umount2(b'/job', 2))):
        pass


@contextlib.contextmanager
def file_left(slot):
    def change(act):
        flags = REMOUNT | BIND | NOSUID_NODEV_NOEXEC
        check(LIBC.mount(None, b'/', None, flags, None))
        act('/stain')
        check(LIBC.mount(None, b'/', None, flags | RDONLY, None))
    with child(slot, ('user', 'mnt'), lambda: change(os.mkdir)):
        yield
    with child(slot, ('user', 'mnt'), lambda: change(os.rmdir)):
        pass


@contextlib.contextmanager
def locked(slot):
    root = f'/proc/{slot.zygote}/root'
    path = next(os.path.join(at, name)
                for at, _, names in os.walk(root) for name in names
                if name.startswith('gcc'))
    with open(path, 'rb') as f:
        fcntl.lockf(f, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def key(slot):
    def make():
        uid = int(max(slot.uids))
        os.setresuid(uid, uid, uid)
        made = check(LIBC.syscall(SYS_ADD_KEY, b'user', b'stain', b'x', 1,
                                  USER_KEYRING))
        signal.signal(signal.SIGUSR1, lambda *_: check(
            LIBC.syscall(SYS_KEYCTL, 9, made, USER_KEYRING)))
    with child(slot, (), make):
        yield
        for pid in fingerprint.children(os.getpid()):
            if pid != slot.observer.pid:
                os.kill(pid, signal.SIGUSR1)
        time.sleep(0.2)


def sysctl(slot, space, name, text):
    path = f'/proc/sys/{name}'
    old = []

    def change():
        old.append(fingerprint.read(path))
        write(path, text)
    return child(slot, (space, 'user'), change)


@contextlib.contextmanager
def sysctl_back(slot, space, name, text):
    path = f'/proc/sys/{name}'
    old = slot.observer.take()[f'sysctl {name}']
    with sysctl(slot, space, name, text):
        yield
    with child(slot, (space, 'user'), lambda: write(path, old)):
        pass


@contextlib.contextmanager
def host_name(slot):
    old = slot.observer.take()['sysctl kernel/hostname'].strip()
    with child(slot, ('uts',), lambda: socket.sethostname('stain')):
        yield
    with child(slot, ('uts',), lambda: socket.sethostname(old)):
        pass


# Their limits are 0: lifted for the moment.
def with_limits(names, make):
    old = [(n, fingerprint.read(n)) for n in names]
    for n in names:
        write(n, '4096')
    made = make()
    for n, text in old:
        write(n, text)
    return made


@contextlib.contextmanager
def shared_memory(slot):
    names = [f'/proc/sys/kernel/{n}' for n in ('shmmni', 'shmall', 'shmmax')]
    with child(slot, ('ipc', 'user'), lambda: with_limits(
            names, lambda: check(LIBC.shmget(4711, 4096, 0o1600)))):
        yield
    with child(slot, ('ipc', 'user'), lambda: check(
            LIBC.shmctl(LIBC.shmget(4711, 0, 0), 0, None))):
        pass


@contextlib.contextmanager
def message_queue(slot):
    with child(slot, ('ipc', 'user'), lambda: with_limits(
            ['/proc/sys/fs/mqueue/queues_max'],
            lambda: check(RT.mq_open(b'/stain', os.O_CREAT | os.O_RDWR,
                                     0o600, None)))):
        yield
    with child(slot, ('ipc', 'user'), lambda: check(
            RT.mq_unlink(b'/stain'))):
        pass


@contextlib.contextmanager
def cgroup(slot):
    pid = str(slot.zygote)
    homes = [at for at, _, files in os.walk('/sys/fs/cgroup')
             if 'cgroup.procs' in files and
             pid in fingerprint.read(f'{at}/cgroup.procs').split()]
    for home in homes:
        place = os.path.join(home, 'immure-stain')
        try:
            os.mkdir(place)
            write(f'{place}/cgroup.procs', pid)
            break
        except OSError:
            with contextlib.suppress(OSError):
                os.rmdir(place)
    yield
    write(f'{home}/cgroup.procs', pid)
    os.rmdir(place)


@contextlib.contextmanager
def group(slot):
    """Of cgroup v2, where each slot has one; else one that is nobody's."""
    top = fingerprint.link(f'/proc/{slot.executor}/fd/7')
    os.mkdir(f'{top}/stain')
    yield
    os.rmdir(f'{top}/stain')


@contextlib.contextmanager
def priority(slot):
    old = os.getpriority(os.PRIO_PROCESS, slot.zygote)
    os.setpriority(os.PRIO_PROCESS, slot.zygote, 19 if old < 19 else 18)
    yield
    os.setpriority(os.PRIO_PROCESS, slot.zygote, old)


@contextlib.contextmanager
def affinity(slot):
    old = os.sched_getaffinity(slot.zygote)
    os.sched_setaffinity(slot.zygote, {min(old)})
    yield
    os.sched_setaffinity(slot.zygote, old)


def listen(_=None):
    s = socket.socket(socket.AF_UNIX)
    s.bind('\0stain')
    listen.kept = s


STAINS = [
    ('zygote fd 4', leaked_fd),
    ('zygote limit Max open files', lambda s: limit(s, s.zygote)),
    ('executor limit Max open files', lambda s: limit(s, s.executor)),
    ('executor status ShdPnd', pending),
    ('zygote priority', priority),
    ('zygote status Cpus_allowed_list', affinity),
    ('zygote oom_score_adj',
     lambda s: written(f'/proc/{s.zygote}/oom_score_adj', '500')),
    ('zygote timerslack_ns',
     lambda s: written(f'/proc/{s.zygote}/timerslack_ns', '60000')),
    ('zygote coredump_filter',
     lambda s: written(f'/proc/{s.zygote}/coredump_filter', '0x1', '0x')),
    ('zygote cgroup', cgroup),
    ('mount /job', mounted),
    ('statfs /', file_left),
    ('lock ', locked),
    ('key-users ', key),
    ('sysctl kernel/msgmax',
     lambda s: sysctl_back(s, 'ipc', 'kernel/msgmax', '1')),
    ('sysctl user/max_uts_namespaces',
     lambda s: sysctl_back(s, 'ipc', 'user/max_uts_namespaces', '1')),
    ('sysctl net/ipv4/ip_forward',
     lambda s: sysctl_back(s, 'net', 'net/ipv4/ip_forward', '1')),
    ('sysctl kernel/hostname', host_name),
    ('uname', host_name),
    ('sysvipc shm', shared_memory),
    ('mqueues', message_queue),
    ('processes ', lambda s: child(s, ('user',), lambda: None)),
    ('namespaces uts', lambda s: child(s, ('user',), lambda: None)),
    ('net unix', lambda s: child(s, ('net',), listen)),
]


def stains(slot):
    yield from STAINS
    if any(fingerprint.group(slot.executor)):
        yield 'group', group


def seen(slot, fact, before):
    now = slot.take()
    return any(k.startswith(fact) for k in before.keys() | now.keys()
               if before.get(k) != now.get(k))


# What nothing can bring about in the two themselves, which have a filter.
def timer_is_seen():
    pid = os.getpid()
    before = dict(fingerprint.process('own', pid))
    timer = ctypes.c_void_p()
    check(RT.timer_create(1, None, ctypes.byref(timer)))
    after = dict(fingerprint.process('own', pid))
    RT.timer_delete(timer)
    return before['own timers'] != after['own timers']


def run(reuse):
    blind, all_of_them = 0, list(stains(reuse.slot))
    for fact, stain in all_of_them:
        before = reuse.settled(None)
        with stain(reuse.slot):
            if not seen(reuse.slot, fact, before):
                blind += 1
                print(f'not seen: {fact} ({stain.__name__})', flush=True)
    if not timer_is_seen():
        blind += 1
        print('not seen: timers')
    # the keyrings of a uid stay as long as it has processes
    clean = {k: v for k, v in reuse.first.items() if 'key-users' not in k}
    rest = fingerprint.differences(clean, reuse.settled(
        lambda: clean, lambda taken: {
            k: v for k, v in taken.items() if 'key-users' not in k}))
    print('\n'.join(rest + [f'{len(all_of_them) + 1} stains, {blind} not seen, '
                            f'{len(rest)} not wiped off']))
    return 1 if blind or rest else 0
