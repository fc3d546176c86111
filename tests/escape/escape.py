#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile jobs through a running node, over TCP, as any client sends them.

escape.py PORT MONITOR-PID ATTACKER SCRATCH [CASE...]

Every case is one act of attacker.c.  It runs outside any jail first, where it
must work (a case that fails there shows nothing: void, and counts as failed),
then as a job in plain and in pump mode (what trips: in one of them), where it
must end as the table says; after each an honest job must be right, and the
host as it was.  TRIP is the answer cell.violation, with the number of the call
in the node's record: acts are made in a child of the compiler's, one of them in
a thread.  Each attacker has an address of its own, or the node would let it
wait longer each time.  Numbers are those of docs/jail.md, the list of hostile
jobs.  Needs root.
"""
import errno
import json
import os
import socket
import subprocess
import sys
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import more_cases  # noqa: E402
from unlzo import unlzo  # noqa: E402

PROGRAM = '/.immure/usr/local/bin/gcc-99'  # in an image
HERE = os.uname().machine
# What acts of other names call, as the record has it.
CALLS = {'int80': ('i386', 'getpid'), 'x32': ('x32', 'getpid'),
         'thread': (HERE, 'kcmp'), 'chown': (HERE, 'chown')}
# Where a pump client works: a directory that every prepared cell has, and one
# that takes a cell made on demand (node/common/tops.c).
HOME, ELSEWHERE = '/home/u', '/srv/u'

# Number, act, argument inside, argument outside, what it ends with inside
# (several: any of them), and in pump mode where that differs.  Outside it must
# end with OK or with one of the errnos of OUTSIDE.  {x}: see places().
TABLE = '''
1   read          /etc/shadow         =                ENOENT
1   read          /etc/passwd         =                ENOENT
1   read          {canary}            =                ENOENT|EACCES
5   stat          /etc                =                ENOENT
5   stat          /work               /root            ENOENT   OK
10  create        /x                  {scratch}/x      EACCES|EROFS
10  create        /usr/x              {scratch}/x      ENOENT   EACCES|EROFS
10  create        /.immure/x          {scratch}/x      EACCES|EROFS
10  create        /etc/ld.so.preload  {scratch}/x      ENOENT
10  create        /tmp/x              =                EACCES
10  create        /lib/x              {scratch}/x      ENOENT|EACCES|EROFS
10  overwrite     {source}            {scratch}/file   EACCES
12  truncate      {program}           {scratch}/file   EACCES|EROFS
12  overwrite     {program}           {scratch}/file   EACCES|EROFS
12  unlink        {program}           {scratch}/file   EACCES|EROFS
12  rename-away   {program}           {scratch}/file   EXDEV|EACCES|EROFS
12  rename-over   {program}           {scratch}/file   EXDEV|EACCES|EROFS
12  chmod         {program}           {scratch}/file   EROFS
12  hardlink      {program}           {scratch}/file   EPERM
13  read          ../../../../../../etc/shadow =       ENOENT
13  dotdot-fd     -                   =                ENOENT
14  create        /var/tmp/x          =                ENOENT   ENOENT|EACCES
14  create        /var/x              {scratch}/x      ENOENT   EACCES|EROFS
14  create        /home/x             {scratch}/x      ENOENT   EACCES|EROFS
14  create        /dev/shm/x          =                ENOENT
15  symlink       -                   =                EPERM
16  fifo          -                   =                EPERM
16  device        -                   =                EPERM
16  mkdir         {out}/d             =                EACCES
17  huge-file     -                   =                EFBIG
19  setuid-bit    -                   =                TRIP
20  chown         -                   =                TRIP
20  xattr         -                   =                ENOTSUP
22  readdir       /                   =                EACCES
23  leftover-fds  -                   =                EBADF
23  stdio         -                   =                EBADF
24  exec-copy     {program}           {attacker}       EACCES
26  exec-script   {program}           {attacker}       EACCES
27  exec          /bin/sh             {attacker}       ENOENT
27  exec          /.immure/.stage/probe {attacker}     EACCES
27  exec          /.immure/.stage/unpack {attacker}    EACCES
32  exec-memfd    -                   =                ENOSYS
32  execveat      {program}           {attacker}       TRIP
32  memfd_secret  -                   =                TRIP
33  map-wx        -                   =                EACCES
33  map-x         -                   =                EACCES
33  protect-x     -                   =                EACCES
33  map-file-x    -                   =                EPERM|EACCES
33  map-shared-x  {program}           {attacker}       EACCES
33  pkey_mprotect -                   =                TRIP
34  personality   -                   =                TRIP
36  int80         -                   =                TRIP
36  x32           -                   =                TRIP
38  kill0         1                   =                EPERM
38  kill0         {pid}               =                ESRCH
38  outer-group   0                   1                ESRCH
40  traceme       -                   =                TRIP
40  ptrace-seize  -                   =                TRIP
40  peek          -                   =                TRIP
40  pidfd_open    -                   =                TRIP
40  pidfd_getfd   -                   =                TRIP
40  process_madvise -                 =                TRIP
40  kcmp          -                   =                TRIP
40  thread        -                   =                TRIP
40  rt_sigqueueinfo -                 =                TRIP
41  forks         -                   =                EAGAIN
44  prlimit-pid1  -                   =                EPERM
45  pr-dumpable   -                   =                EINVAL
45  pr-pdeathsig  -                   =                EINVAL
45  pr-subreaper  -                   =                EINVAL
45  pr-seccomp    -                   =                EINVAL
45  pr-set-mm     -                   =                EINVAL
45  pr-keepcaps   -                   =                EINVAL
45  pr-tsc        -                   =                EINVAL
45  arch_prctl    -                   =                EINVAL
46  setuid        -                   =                TRIP
46  setresuid     -                   =                TRIP
46  setgroups     -                   =                TRIP
46  capset        -                   =                TRIP
46  setsid        -                   =                TRIP
47  setpriority   -                   =                EPERM
47  sched_setscheduler -              =                TRIP
47  sched_setattr -                   =                TRIP
47  ioprio_set    -                   =                TRIP
48  timer_create  -                   =                TRIP
48  timerfd       -                   =                TRIP
51  unshare-user  -                   =                TRIP
51  unshare-mnt   -                   =                TRIP
51  clone-user    -                   =                TRIP
51  clone-pid     -                   =                TRIP
51  clone3        -                   =                ENOSYS
51  setns         -                   =                TRIP
52  mount         -                   =                TRIP
52  umount        -                   =                TRIP
52  pivot_root    -                   =                TRIP
52  chroot        -                   =                TRIP
52  open_tree     -                   =                TRIP
52  move_mount    -                   =                TRIP
52  fsopen        -                   =                TRIP
52  fspick        -                   =                TRIP
52  mount_setattr -                   =                TRIP
53  by-handle     -                   =                TRIP
54  keyctl        -                   =                TRIP
54  add_key       -                   =                TRIP
54  request_key   -                   =                TRIP
55  bpf           -                   =                TRIP
55  perf_event_open -                 =                TRIP
55  userfaultfd   -                   =                TRIP
55  io_uring_setup -                  =                TRIP
55  io_setup      -                   =                TRIP
56  init_module   -                   =                TRIP
56  finit_module  -                   =                TRIP
56  delete_module -                   =                TRIP
56  kexec_load    -                   =                TRIP
56  reboot        -                   =                TRIP
56  swapon        -                   =                TRIP
56  acct          -                   =                TRIP
56  quotactl      -                   =                TRIP
56  iopl          -                   =                TRIP
56  ioperm        -                   =                TRIP
56  modify_ldt    -                   =                TRIP
56  syslog        -                   =                TRIP
56  sethostname   -                   =                TRIP
56  clock_settime -                   =                TRIP
56  adjtimex      -                   =                TRIP
57  inotify       -                   =                TRIP
57  fanotify      -                   =                TRIP
57  epoll         -                   =                TRIP
57  eventfd       -                   =                TRIP
57  signalfd      -                   =                TRIP
58  shmget        -                   =                TRIP
58  semget        -                   =                TRIP
58  msgget        -                   =                TRIP
58  mq_open       -                   =                TRIP
59  landlock      -                   =                TRIP
59  seccomp       -                   =                TRIP
60  ioctl         -                   =                ENOTTY
60  f_setown      -                   =                TRIP
60  f_setpipe_sz  -                   =                TRIP
60  f_setlease    -                   =                TRIP
60  f_notify      -                   =                TRIP
60  flock         -                   =                TRIP
60  lock          {program}           {attacker}       EINVAL
61  splice        -                   =                ENOSYS
61  vmsplice      -                   =                TRIP
61  tee           -                   =                TRIP
61  sendfile      -                   =                ENOSYS
61  copy_file_range -                 =                ENOSYS
62  read          /proc/self/status   =                ENOENT
62  read          /proc/1/environ     /proc/self/environ ENOENT
62  readdir       /proc/1/root        /proc/self/root  ENOENT
62  readdir       /sys                =                ENOENT
62  read          /dev/null           =                ENOENT
62  readdir       /dev                =                ENOENT
63  mlock         -                   =                TRIP
63  mlockall      -                   =                TRIP
63  mbind         -                   =                TRIP
63  move_pages    -                   =                TRIP
63  remap_file_pages -                =                TRIP
64  all-sockets   -                   =                EAFNOSUPPORT
64  socket        1                   =                EAFNOSUPPORT
64  socket        2                   =                EAFNOSUPPORT
64  socket        10                  =                EAFNOSUPPORT
64  socket        16                  =                EAFNOSUPPORT
64  socket        17                  =                EAFNOSUPPORT
64  connect       {port}              =                EAFNOSUPPORT
64  socketpair    -                   =                EAFNOSUPPORT
64  bind          -                   =                TRIP
64  recvmsg       -                   =                TRIP
65  abstract      immure-escape       =                EAFNOSUPPORT
66  send-fd       -                   =                TRIP
69  fds           -                   =                EMFILE
70  memory        -                   =                ENOMEM
'''
# Acts that an ordinary user's node (one uid for all: docs/threat-model.md) does
# not refuse as root's does: verdict of the first, then of the second.  It is
# the job's own files in its own tmpfs that they reach.
TABLE_BY_MODE = '''
10  chmod         {source}            {scratch}/file   OK       EPERM
10  utimes        {source}            {scratch}/file   OK       EPERM|EACCES
'''
# A call that reached the kernel with arguments that are no good, or that this
# kernel was built without, has shown that nothing stood before it.
OUTSIDE = {'OK', 'EINVAL', 'EBADF', 'EFAULT', 'ENOENT', 'ESRCH', 'ENOTSOCK',
           'ENOKEY', 'ENOSYS', 'EPERM', 'SIG9'}
# Where the answer inside is an errno too, refusals of that kind are void.


def lzo(data):
    """One literal run (docs/wire-protocol, LZO framing)."""
    n, head = len(data), b''
    if n == 0:
        return b''
    if n <= 3 or n <= 238:
        head = bytes([17 + n])
    else:
        rest = n - 18
        zeros = (rest - 1) // 255
        head = b'\0' + b'\0' * zeros + bytes([rest - 255 * zeros])
    return head + data + b'\x11\0\0'


def token(name, value, data=b''):
    return b'%s%08x' % (name, value) + data


def string(name, text):
    return token(name, len(text), text.encode())


def plain_request(argv, source):
    words = b''.join(string(b'ARGV', a) for a in argv)
    return (token(b'DIST', 1) + token(b'ARGC', len(argv)) + words +
            token(b'DOTI', len(source), source))


def pump_request(argv, cdir, files):
    words = b''.join(string(b'ARGV', a) for a in argv)
    r = token(b'DIST', 3) + string(b'CDIR', cdir)
    r += token(b'ARGC', len(argv)) + words + token(b'NFIL', len(files))
    for name, text in files.items():
        body = lzo(text)
        r += string(b'NAME', name) + token(b'FILE', len(body), body)
    return r


class Reply:
    def __init__(self, raw, pump):
        self.raw, self.parts, at = raw, {}, 0
        self.status = None
        while at + 12 <= len(raw):
            name, value = raw[at:at + 4], int(raw[at + 4:at + 12], 16)
            at += 12
            if name == b'STAT':
                self.status = value
            if name in (b'SERR', b'SOUT', b'DOTO', b'DOTD'):
                self.parts[name] = raw[at:at + value]
                at += value
        self.whole = b'DOTO' in self.parts and at == len(raw)
        self.pump = pump

    def text(self):
        """stderr."""
        said = self.parts.get(b'SERR', b'')
        return (unlzo(said) if self.pump else said).decode('latin-1')

    def object(self):
        made = self.parts.get(b'DOTO', b'')
        return unlzo(made) if self.pump else made


def ask(port, request, pump, timeout=100, source='127.0.0.1'):
    with socket.create_connection(('127.0.0.1', port), timeout,
                                  (source, 0)) as s:
        s.settimeout(timeout)
        s.sendall(request)
        raw = b''
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    return Reply(raw, pump)
                raw += more
        except socket.timeout:
            return Reply(b'', pump)
        except ConnectionResetError:
            return Reply(raw, pump)


def record_of(source, seconds=30):
    """The last record of a job from that address; {}: there is none."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with open(os.environ['NODE_AUDIT']) as f:
            found = [line for line in f if f'"{source}"' in line]
        records = [r for r in map(json.loads, found)
                   if r['type'] == 'job' and r['client'] == source]
        if records:
            return records[-1]
        time.sleep(0.02)
    return {}


class Node:
    def __init__(self, port, monitor, attacker, scratch):
        self.port, self.monitor, self.attacker = port, monitor, attacker
        self.scratch = scratch
        self.attackers = self.violations = 0
        self.numbers = dict(line.split() for line in subprocess.run(
            [attacker, '--calls'], stdout=subprocess.PIPE, text=True,
            check=True).stdout.splitlines())
        self.compiler, self.home = os.path.basename(attacker), HOME
        with open(f'/proc/{monitor}/uid_map') as f:
            self.one_id = f.read().split()[2] == '1'
        self.outside_out = os.path.join(scratch, 'out')
        os.makedirs(self.outside_out, exist_ok=True)
        self.canary = os.path.join(scratch, 'canary')
        with open(self.canary, 'w') as f:
            f.write('canary\n')

    def places(self, mode):
        inside = mode != 'outside'
        return {
            'canary': self.canary, 'scratch': self.scratch,
            'port': self.port, 'pid': os.getpid(),
            'attacker': self.attacker,
            'program': '/.immure' + self.attacker if inside
                       else self.attacker,
            'out': '/tmp/.immure' if inside else self.outside_out,
            'source': f'{self.home}/case.c' if mode == 'pump' else 'case.i',
        }

    def address(self):
        """127.0.0.1 for who is honest, another each time for attackers."""
        self.attackers += 1
        return f'127.9.{self.attackers // 250}.{self.attackers % 250 + 1}'

    def job(self, line, pump, timeout=100):
        sender = self.address() if line.startswith('attack') else '127.0.0.1'
        source = line.encode() + b'\nint x;\n'
        argv = [self.compiler, '-c', 'case.c', '-o', 'case.o']
        if pump:
            return ask(self.port, pump_request(
                argv, self.home, {f'{self.home}/case.c': source}), True,
                timeout, sender)
        return ask(self.port, plain_request(argv, source), False, timeout,
                   sender)

    def recorded(self):
        """The violation that is on record since the last one, or None."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with open(os.environ['NODE_AUDIT']) as f:
                found = [r['violation'] for r in map(json.loads, f)
                         if r['type'] == 'job' and 'violation' in r]
            if len(found) > self.violations:
                self.violations += 1
                return found[-1] if len(found) == self.violations else None
            time.sleep(0.02)
        return None

    def tripped(self, act, reply, pump):
        v = self.recorded()
        if v is None:
            return 'a violation that is not on record, once'
        if str(v['number']) != self.numbers.get(act, str(v['number'])):
            return f'another call on record: {v}'
        if (v['arch'], v['call']) != CALLS.get(act, (HERE, v['call'])) or \
                v['call'] is None:
            return f'another name on record: {v}'
        if reply.status != (9 if pump else 109 << 8):
            return f'status {reply.status}'
        return 'TRIP'

    def inside(self, act, arg, pump):
        arg = arg.format(**self.places('pump' if pump else 'plain'))
        reply = self.job(f'attack {act} {arg}', pump)
        if 'cell.violation' in reply.text():
            return self.tripped(act, reply, pump)
        for line in reply.text().splitlines():
            at = line.find('VERDICT ')
            if at >= 0:
                return name_of(line[at:].split()[2])
        return f'no verdict (status {reply.status}, {reply.text()[:200]!r})'

    def outside(self, act, arg):
        arg = arg.format(**self.places('outside'))
        with open(os.path.join(self.scratch, 'file'), 'w') as f:
            f.write('file\n')
        os.chmod(os.path.join(self.scratch, 'file'), 0o755)
        r, w = os.pipe()
        # One descriptor too many, and a stdin that ioctl and fcntl know.
        p = subprocess.run(
            ['unshare', '-m', '-u', '-i', self.attacker, '--act',
             self.outside_out, act, arg], stdin=r, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, pass_fds=[r, w], timeout=100, check=False,
            cwd=self.outside_out)
        os.close(r)
        os.close(w)
        for name in os.listdir(self.outside_out):
            path = os.path.join(self.outside_out, name)
            if os.path.isdir(path) and not os.path.islink(path):
                os.rmdir(path)
            else:
                os.unlink(path)
        for line in p.stderr.decode().splitlines():
            if line.startswith('VERDICT '):
                return name_of(line.split()[2])
        return 'no verdict'

    def honest(self, pump):
        reply = self.job('int honest;', pump)
        body = reply.parts.get(b'DOTO', b'')
        want = lzo(b'object') if pump else b'object'
        if reply.status != 0 or body != want:
            return f'the next job: status {reply.status} {body!r}'
        return None


def name_of(word):
    if word.isdigit():
        return errno.errorcode.get(int(word), word).replace(
            'EOPNOTSUPP', 'ENOTSUP')
    return word


def digest(path):
    try:
        st = os.lstat(path)
        with open(path, 'rb') as f:
            return (st.st_mode, st.st_uid, st.st_mtime_ns, f.read())
    except OSError as e:
        return e.errno


def below(root):
    parent = {}
    for pid in (int(d) for d in os.listdir('/proc') if d.isdigit()):
        try:
            with open(f'/proc/{pid}/stat', 'rb') as f:
                parent[pid] = int(f.read().rpartition(b')')[2].split()[1])
        except OSError:
            pass
    tree = {root}
    while True:
        more = {p for p, q in parent.items() if q in tree} - tree
        if not more:
            return tree
        tree |= more


def host_state(node):
    """What no job may change; processes and sockets of the node alone, since
    others use this machine too."""
    def text(path):
        try:
            with open(path) as f:
                return f.read()
        except OSError as e:
            return e.errno

    sockets = 0
    for fd in os.listdir(f'/proc/{node.monitor}/fd'):
        try:
            sockets += os.readlink(
                f'/proc/{node.monitor}/fd/{fd}').startswith('socket')
        except OSError:
            pass
    return {
        'mounts': text('/proc/self/mountinfo'),
        # images may be made anew at any time, when the host's files change
        "the node's mounts": [
            line for line in text(
                f'/proc/{node.monitor}/mountinfo').splitlines()
            if '/image/' not in line],
        'files': [digest(p) for p in (
            node.canary, '/etc/passwd', '/etc/shadow', '/etc/ld.so.preload',
            node.attacker)],
        'directories': [sorted(os.listdir(d)) for d in (
            '/', '/usr', '/usr/local/bin', '/etc', '/dev/shm')
            if not d == '/dev/shm'],
        'host name': text('/proc/sys/kernel/hostname'),
        'shared memory': [text(f'/proc/sysvipc/{n}')
                          for n in ('shm', 'sem', 'msg')],
        "the monitor's sockets": sockets,
        "a job's processes": sum(is_job(p) for p in below(node.monitor)),
    }


def is_job(pid):
    """A process of a job that has run, not a cell that waits for one."""
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as f:
            return b'/gcc-9' in f.read()
    except OSError:
        return False


def settled(node):
    end = time.monotonic() + 30
    state = host_state(node)
    while time.monotonic() < end and state["a job's processes"]:
        time.sleep(0.02)
        state = host_state(node)
    return state


REFUSALS = {'EPERM', 'EACCES', 'EROFS', 'ENOENT', 'ESRCH'}


def void(outside, want):
    """Does the run outside show nothing about this verdict?"""
    if outside in want or outside not in OUTSIDE:
        return outside != 'OK'
    return bool(REFUSALS & set(want)) and outside != 'OK'


def runs_of(node, act, want, want_pump):
    """Name, root profile's verdict and directory of each run.  A slot keeps a
    cell of the kind that it had last: one of another kind is made on demand,
    the next is prepared.  What trips does so in any, and its slot is built
    anew each time: it is tried in plain or in pump mode here, and in the other
    one in an ordinary user's node."""
    if want == 'TRIP':
        runs = [('plain', want, HOME), ('pump', want_pump, HOME)]
        return [runs[(zlib.crc32(act.encode()) + node.one_id) % 2]]
    return [('plain', want, HOME), ('plain, prepared', want, HOME),
            ('pump, on demand', want_pump, ELSEWHERE),
            ('pump', want_pump, HOME)]


def run_case(node, row):
    number, act, arg, arg_out, want = row[:5]
    want_pump = row[5] if len(row) > 5 else want
    wrong = []
    before = settled(node)
    outside = node.outside(act, arg if arg_out == '=' else arg_out)
    for mode, allowed, home in runs_of(node, act, want, want_pump):
        pump = mode.startswith('pump')
        node.home = home
        got = node.inside(act, arg, pump)
        node.home = HOME
        if got not in allowed.split('|'):
            wrong.append(f'{mode}: {got}, not {allowed}')
        if allowed != 'OK' and void(outside, allowed.split('|')):
            wrong.append(f'void: outside {outside}')
        late = node.honest(pump)
        if late:
            wrong.append(f'{mode}: {late}')
    after = settled(node)
    wrong += [f'{k} changed: {before[k]!r:.300} {after[k]!r:.300}'
              for k in before if before[k] != after[k]]
    return outside, wrong


def rows_of(node):
    if node.compiler != 'gcc-99':
        for line in more_cases.DYNAMIC.strip().splitlines():
            yield line.split()
        return
    for line in (TABLE + more_cases.TABLE).strip().splitlines():
        if line:
            yield line.split()
    for line in TABLE_BY_MODE.strip().splitlines():
        row = line.split()
        yield row[:4] + [row[4 if node.one_id else 5]]


def run_table(node, only):
    ran = bad = 0
    for row in rows_of(node):
        if only and row[1] not in only:
            continue
        ran += 1
        outside, wrong = run_case(node, row)
        if wrong:
            bad += 1
            print(f'{row[0]} {row[1]} {row[2]}: ' + '; '.join(wrong))
    print(f'{node.compiler}: {ran} cases, in cells prepared and '
          f'on demand, {"user" if node.one_id else "root"} mode, {bad} wrong')
    return bad


# Acts that end the whole job: the reply's status (plain, pump), each within
# so many seconds, in one of TRIES: others work on this machine too.  The node
# has --job-lifetime 3.
TRIES = 3
ENDS = [
    ('38', 'kill-all', {0}, {0}, 2),  # Landlock: its own alone
    ('42', 'daemon', {0}, {0}, 2),
    ('39', 'stop', {0x7600}, {9}, 6),
    ('39', 'stop-cont', {0}, {0}, 4),  # before 6.12 it reaches the killer
    ('73', 'burn', {0x7600}, {9}, 6),
    ('78', 'sleep', {0x7600}, {9}, 6),
    # 60 threads that trip all the time: the first one ends them
    ('95', 'flood', {0x6d00}, {9}, 2),
]


def flooded(node):
    """However many calls: one record, that counts them, and one line."""
    v, lines, end = node.recorded(), 0, time.monotonic() + 30
    while lines < node.violations and time.monotonic() < end:
        with open(os.environ['NODE_LOG']) as f:
            lines = sum('(executor) cell.violation' in line for line in f)
    if v is None or not 1 <= v['callers'] <= 60:
        return [f'on record: {v}']
    return [] if lines == node.violations else [f'{lines} lines in the log']


def one_end(node, act, pump, want):
    """How long it took, and what was wrong."""
    before = settled(node)
    start = time.monotonic()
    reply = node.job(f'attack {act}', pump)
    took = time.monotonic() - start
    wrong = []
    if reply.status not in want or not reply.whole:
        wrong.append(f'status {reply.status} {reply.text()[:200]!r}')
    if act == 'flood':
        wrong += flooded(node)
    late = node.honest(pump)
    if late:
        wrong.append(late)
    after = settled(node)
    return took, wrong + [f'{k} changed' for k in before
                          if before[k] != after[k]]


def in_time(node, act, pump, want, seconds):
    """What was wrong; only being late is tried again."""
    for _ in range(TRIES):
        took, wrong = one_end(node, act, pump, want)
        if wrong or took <= seconds:
            return wrong
    return [f'took {took:.1f} s']


def run_ends(node):
    bad = 0
    for number, act, plain, pump_status, seconds in ENDS:
        for pump, want in ((False, plain), (True, pump_status)):
            wrong = in_time(node, act, pump, want, seconds)
            if wrong:
                bad += 1
                print(f'{number} {act} {"pump" if pump else "plain"}: ' +
                      '; '.join(wrong))
    print(f'{len(ENDS)} ends in two modes, {bad} wrong')
    return bad


def main():
    port, monitor = int(sys.argv[1]), int(sys.argv[2])
    node = Node(port, monitor, sys.argv[3], sys.argv[4])
    for pump in False, True:
        problem = node.honest(pump)
        if problem:
            print(f'no honest job to begin with: {problem}')
            return 1
    if sys.argv[5:] == ['--ends']:
        return 1 if run_ends(node) else 0
    bad = run_table(node, sys.argv[5:])
    shared = Node(port, monitor, sys.argv[3].replace('-99', '-97'), sys.argv[4])
    return 1 if bad + run_table(shared, sys.argv[5:]) else 0


if __name__ == '__main__':
    sys.exit(main())
