# SPDX-License-Identifier: GPL-2.0-or-later
"""More rows for escape.py, in its form: number, act, argument inside, outside,
what it ends with, and in pump mode where that differs.  DYNAMIC is for gcc-97,
the attacker that has a loader and shared libraries in its image."""

TABLE = '''
6   stat          {canary}            =                ENOENT|EACCES
6   stat          /etc/shadow         =                ENOENT
6   readdir       /usr                =                ENOENT   OK
9   read          /dev/zero           =                ENOENT
9   read          /dev/tty            /dev/zero        ENOENT
19  setuid-exec   {program}           {attacker}       EACCES
21  read          {out}/left          {scratch}/file   ENOENT
35  map-zero      -                   =                EPERM
37  env           -                   =                ENOENT
43  zombies       -                   =                EAGAIN
44  raise         0                   =                EPERM
44  raise         1                   =                EPERM
44  raise         3                   =                EPERM
44  raise         4                   =                EPERM
44  raise         6                   0                EPERM
44  raise         7                   0                EPERM
44  raise         9                   =                EPERM
45  pr-ambient    -                   =                EINVAL
45  pr-securebits -                   =                EINVAL
45  pr-syscall-dispatch -             =                EINVAL
45  pr-thp        -                   =                EINVAL
45  pr-timerslack -                   =                EINVAL
45  pr-perf-off   -                   =                EINVAL
45  pr-no-new-privs -                 =                EINVAL
45  pr-flusher    -                   =                EINVAL
45  arch-gs       -                   =                EINVAL
49  core          -                   =                EPERM
64  accept        -                   =                TRIP
67  leftover-fds  -                   =                EBADF
64  listen        -                   =                TRIP
'''

DYNAMIC = '''
25  loader        {program}           {attacker}       ELIBACC
29  loader        /bin/sh             =                ELIBACC
29  exec          /bin/sh             {attacker}       ENOENT
37  preload       {program}           {attacker}       ELIBACC
30  audit         {program}           {attacker}       ELIBACC
37  env           -                   =                ENOENT
33  map-shared-x  {program}           {attacker}       EACCES
24  exec-copy     {program}           {attacker}       EACCES
'''
