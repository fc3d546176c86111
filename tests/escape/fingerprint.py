#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel says of a slot between two jobs.

fingerprint.py MONITOR-PID     print it, of the node's first slot

A slot's executor and zygote live on from job to job (so do its namespaces,
mounts, ids and the images); its cells do not.  Slot.take() is a dictionary, one
entry a fact: a hostile job must leave it as it was.  plain() is what of it a
slot that was built anew has in common with the one before.  Needs root.
"""
import collections
import ctypes
import json
import os
import re
import sys
import tempfile

LIBC = ctypes.CDLL(None, use_errno=True)
NEWNS = 0x00020000
SPACES = 'cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'
# The executor's own descriptors (exec.h), and its group's directory; the others
# are of the cell that waits, new ones after each job.
EXECUTOR_FDS = 0, 1, 2, 3, 4, 6, 8
# Of /proc/PID/status what is left out: what it has done so far, and where.
STATUS_NOT = re.compile(r'State|Vm(Peak|HWM|RSS|PTE)|Rss.*|.*ctxt_switches|'
                        r'Cpus_allowed$|Mems_allowed$')
NET = 'unix', 'tcp', 'tcp6', 'udp', 'udp6', 'raw', 'packet', 'netlink', \
    'dev', 'route', 'if_inet6', 'fib_trie'
KERNEL = 'hostname', 'domainname', 'shmmax', 'shmall', 'shmmni', \
    'shm_rmid_forced', 'shm_next_id', 'msgmax', 'msgmnb', 'msgmni', \
    'msg_next_id', 'auto_msgmni', 'sem', 'sem_next_id'


def read(path):
    """Text, or the error's number."""
    try:
        with open(path, 'rb') as f:
            return f.read().decode('latin-1')
    except OSError as e:
        return f'errno {e.errno}'


def link(path):
    try:
        return os.readlink(path)
    except OSError as e:
        return f'errno {e.errno}'


def children(pid):
    return [int(p) for p in read(f'/proc/{pid}/task/{pid}/children').split()
            if p.isdigit()]


def descendants(pid):
    found = {pid}
    for child in children(pid):
        found |= descendants(child)
    return found


def comm(pid):
    return read(f'/proc/{pid}/comm').strip()


def descriptors(name, pid):
    others = []
    for n in sorted(map(int, os.listdir(f'/proc/{pid}/fd'))):
        target = link(f'/proc/{pid}/fd/{n}')
        if name == 'executor' and n not in EXECUTOR_FDS and \
                not target.startswith('/sys/fs/cgroup/'):
            others.append(re.sub(r'\d+', 'N', target))
        else:
            yield f'{name} fd {n}', target + ' ' + ' '.join(
                read(f'/proc/{pid}/fdinfo/{n}').split())
    yield f'{name} fds of a cell', ' '.join(sorted(others))


def process(name, pid):
    """One that lives on: descriptors, limits, signals, privileges, timers."""
    yield from descriptors(name, pid)
    for line in read(f'/proc/{pid}/status').splitlines():
        key, _, value = line.partition(':')
        # signals queued for the executors' uid: all nodes' of this host
        if not STATUS_NOT.fullmatch(key) and (name, key) != (
                'executor', 'SigQ'):
            yield f'{name} status {key}', ' '.join(value.split())
    for line in read(f'/proc/{pid}/limits').splitlines()[1:]:
        yield f'{name} limit {line[:26].strip()}', ' '.join(line[26:].split())
    for file in ('cgroup', 'cmdline', 'environ', 'oom_score_adj', 'timers',
                 'timerslack_ns', 'personality', 'coredump_filter', 'maps',
                 'setgroups', 'uid_map', 'gid_map'):
        yield f'{name} {file}', read(f'/proc/{pid}/{file}')
    for file in ['cwd', 'root', 'exe'] + ['ns/' + n for n in SPACES]:
        yield f'{name} {file}', link(f'/proc/{pid}/{file}')
    word = read(f'/proc/{pid}/stat').rpartition(')')[2].split()
    # proc(5), counted from state: priority, nice, rt_priority, policy
    yield f'{name} priority', ' '.join(word[i] for i in (15, 16, 37, 38))


def mounts(zygote):
    """Of the zygote's namespace, with what each file system has free."""
    for line in read(f'/proc/{zygote}/mountinfo').splitlines():
        point = line.split()[4]
        v = os.statvfs(f'/proc/{zygote}/root{point}')
        yield f'mount {point}', line
        yield f'statfs {point}', \
            f'{v.f_blocks} {v.f_bfree} {v.f_files} {v.f_ffree}'


def group(executor):
    """The slot's group of cgroup v2, if it has one: a cell's comes and goes."""
    top = link(f'/proc/{executor}/fd/7')
    if not top.startswith('/sys/fs/cgroup/'):
        return
    yield 'group', ' '.join(sorted(re.sub(r'\d+', 'N', at[len(top):])
                                   for at, _, _ in os.walk(top)))
    for at in top, top + '/self':
        for name in sorted(os.listdir(at)):
            if re.search(r'\.(max|high|low|min|weight|type|freeze|group)$|'
                         r'controllers$|control$|max\.[a-z]+$', name):
                yield f'group {at[len(top):]}/{name}', read(f'{at}/{name}')


def locks(zygote):
    """Of inodes that cells see; a template's mounts are the cells'."""
    devices = {line.split()[2] for line in
               read(f'/proc/{zygote}/mountinfo').splitlines()}
    for line in read('/proc/locks').splitlines():
        major, minor = line.split()[-3].split(':')[:2]
        if f'{int(major, 16)}:{int(minor, 16)}' in devices:
            yield 'lock ' + line.partition(': ')[2], 'held'


def keys(uids):
    for line in read('/proc/keys').splitlines():
        if line.split()[5] in uids:
            yield 'key ' + line.split()[0], line
    for line in read('/proc/key-users').splitlines():
        uid = line.split(':')[0].strip()
        if uid in uids:
            yield f'key-users {uid}', line


def counts(executor, zygote, but):
    """Processes below the executor or in the slot's user namespace, whose are
    the counters of RLIMIT_NPROC and of namespaces; @but the observer."""
    user, below = link(f'/proc/{zygote}/ns/user'), descendants(executor)
    names, spaces = collections.Counter(), {n: set() for n in SPACES}
    for pid in (int(p) for p in os.listdir('/proc') if p.isdigit()):
        if pid == but or pid not in below and \
                link(f'/proc/{pid}/ns/user') != user:
            continue
        m = re.search(r'^Uid:\t(\d+)', read(f'/proc/{pid}/status'), re.M)
        names[f'{m and m.group(1)} {comm(pid)}'] += 1
        for n in SPACES:
            spaces[n].add(link(f'/proc/{pid}/ns/{n}'))
    yield from ((f'processes {k}', str(v)) for k, v in names.items())
    yield from ((f'namespaces {n}', str(len(spaces[n]))) for n in SPACES)


def sysctls():
    """Those of namespaces; all of kernel that is not the host's."""
    for name in KERNEL:
        yield f'sysctl kernel/{name}', read(f'/proc/sys/kernel/{name}')
    for top in 'user', 'net', 'fs/mqueue':
        for at, _, names in os.walk(f'/proc/sys/{top}'):
            for name in names:
                path = os.path.join(at, name)
                yield 'sysctl ' + path[len('/proc/sys/'):], read(path)


def enter(zygote, place):
    """Its net, ipc, uts and user namespaces, and what ipc has of mqueues."""
    names = 'net', 'ipc', 'uts', 'user'
    spaces = [os.open(f'/proc/{zygote}/ns/{n}', os.O_RDONLY) for n in names]
    LIBC.unshare(NEWNS)
    LIBC.mount(b'none', b'/', None, 0x44000, None)  # MS_REC | MS_PRIVATE
    for name, fd in zip(names, spaces):
        if name == 'user':
            LIBC.mount(b'mqueue', place.encode(), b'mqueue', 0, None)
        if LIBC.setns(fd, 0) != 0:
            raise OSError(f'setns(2): {name}')
        os.close(fd)


def seen_inside(place):
    yield 'mqueues', ' '.join(sorted(os.listdir(place)))
    for name in 'shm', 'sem', 'msg':
        yield f'sysvipc {name}', read(f'/proc/sysvipc/{name}')
    yield 'uname', ' '.join(os.uname())
    yield from sysctls()


class Observer:
    """A process in the slot's namespaces, and out of its cells' sight; there
    is no way back from a user namespace."""
    def __init__(self, zygote):
        self.ask_r, self.ask_w = os.pipe()
        self.told_r, self.told_w = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.ask_w)
                self.run(zygote)
            finally:
                os._exit(0)
        os.close(self.ask_r)
        os.close(self.told_w)
        self.told = open(self.told_r)

    def run(self, zygote):
        with tempfile.TemporaryDirectory() as place:
            enter(zygote, place)
            while os.read(self.ask_r, 1):
                text = json.dumps(dict(seen_inside(place))) + '\n'
                with open(self.told_w, 'w', closefd=False) as f:
                    f.write(text)
            LIBC.umount2(place.encode(), 2)

    def take(self):
        os.write(self.ask_w, b'?')
        return json.loads(self.told.readline())

    def end(self):
        os.close(self.ask_w)
        self.told.close()
        os.waitpid(self.pid, 0)


def pids(monitor):
    """Executor and zygote; StopIteration: not there, or not yet."""
    executor = next(p for p in children(monitor)
                    if comm(p) == 'immure-executor')
    return executor, next(p for p in children(executor)
                          if comm(p) == 'immure-zygote')


class Slot:
    """The one slot of a node with --jobs 1."""
    def __init__(self, monitor):
        self.executor, self.zygote = pids(monitor)
        self.uids = set()
        for line in read(f'/proc/{self.zygote}/uid_map').splitlines():
            _, first, count = map(int, line.split())
            self.uids |= {str(first + i) for i in range(count)}
        self.observer = Observer(self.zygote)

    def end(self):
        self.observer.end()

    def take(self):
        """OSError, ValueError: it is being built or taken apart."""
        found = dict(process('executor', self.executor))
        found.update(process('zygote', self.zygote))
        found.update(mounts(self.zygote))
        found.update(group(self.executor))
        found.update(locks(self.zygote))
        found.update(keys(self.uids))
        found.update(counts(self.executor, self.zygote, self.observer.pid))
        found.update(self.observer.take())
        for name in NET:
            # a socket's address and inode are a new cell's
            found[f'net {name}'] = re.sub(
                r'[0-9a-f]{16}|\b[0-9]{5,}\b', 'N',
                read(f'/proc/{self.zygote}/net/{name}'))
        return found


# Facts of one slot alone: where things lie in memory, and pids.
OWN = re.compile(r'(executor|zygote) (maps|status (Tgid|Pid|PPid|Ngid|Vm.*|'
                 r'NS.*|FDSize))')


def plain(taken):
    def common(key, value):
        if key.startswith('mount '):
            return value.split(' ', 3)[3]  # without ids and device
        value = re.sub(r'(\[|ino:|mnt_id:) ?\d+', r'\1N', value)
        return re.sub(r'--(zygote|generation)\0\d+', r'--\1 N', value)
    return {k: common(k, v) for k, v in taken.items() if not OWN.fullmatch(k)}


def differences(before, after):
    return [f'{k}: {before.get(k, "none")!r:.160} before, '
            f'{after.get(k, "none")!r:.160} after'
            for k in sorted(before.keys() | after.keys())
            if before.get(k) != after.get(k)]


if __name__ == '__main__':
    for fact, text in Slot(int(sys.argv[1])).take().items():
        print(fact, text.strip(), sep='\t')
