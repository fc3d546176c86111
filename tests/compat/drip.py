#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Jobs that take longer than the stock client's patience.

drip.py PORT MONITOR-PID ATTACKER SCRATCH CASE...

A node with tests/escape/attacker.c as gcc-99 (tests/escape/with_attacker),
whose act "nap N" is a compile of N seconds.  The client's own gcc-99 only
preprocesses.  A CASE is PROTOCOL:ACT:SECONDS:END; all run at once, each with
DISTCC_IO_TIMEOUT=5 and fallback off.  END:

ok      exit 0, the object, and the compiler's message
note    exit 0, the object, and a note in place of the message
fail    the compiler's exit status and its message
lost    the client gives the connection up, or it is cut
"""
import os
import subprocess
import sys
import time

MESSAGE, NOTE = 'a warning after a nap', 'the compiler had messages'
HOSTS = {1: '', 2: ',lzo', 3: ',cpp,lzo'}
LOCAL = '''#!/bin/sh
for a; do
	[ "$a" != -E ] || exec cat x.c
done
exec %s "$@"
'''


class Case:
    def __init__(self, text, port, bin_dir, scratch):
        self.text = text
        proto, act, seconds, self.end = text.split(':')
        self.dir = os.path.join(scratch, text.replace(':', '-'))
        os.makedirs(os.path.join(self.dir, 'state'))
        with open(os.path.join(self.dir, 'x.c'), 'w') as f:
            f.write(f'attack {act} {seconds}\n')
        env = {k: v for k, v in os.environ.items()
               if not k.startswith('DISTCC_')}
        env.update(PATH=bin_dir + ':' + env['PATH'], DISTCC_FALLBACK='0',
                   DISTCC_DIR=os.path.join(self.dir, 'state'),
                   DISTCC_HOSTS=f'127.0.0.1:{port}/9{HOSTS[int(proto)]}',
                   DISTCC_IO_TIMEOUT='5', LC_ALL='C.UTF-8')
        command = ['distcc', 'gcc-99', '-c', 'x.c', '-o', 'x.o']
        if proto == '3':
            env['PATH'] = env['PUMP_DIR'] + ':' + env['PATH']
            command.insert(0, 'pump')
        with open(os.path.join(self.dir, 'said'), 'wb') as said:
            self.client = subprocess.Popen(command, cwd=self.dir, env=env,
                                           stdin=subprocess.DEVNULL,
                                           stdout=said, stderr=said)

    def ended(self):
        """None, or what is wrong."""
        status = self.client.wait(timeout=900)
        with open(os.path.join(self.dir, 'said'), errors='replace') as f:
            said = f.read()
        try:
            with open(os.path.join(self.dir, 'x.o')) as f:
                made = f.read()
        except FileNotFoundError:
            made = None
        want = {
            'ok': (status == 0, made == 'object', MESSAGE in said,
                   NOTE not in said),
            'note': (status == 0, made == 'object', MESSAGE not in said,
                     NOTE in said),
            'fail': (status == 1, not made, MESSAGE in said),
            'lost': (status not in (0, 1), not made,
                     MESSAGE not in said),
        }[self.end]
        if all(want):
            return None
        return f'{self.text}: exit {status}, object {made!r}, {want}\n{said}'


def main():
    port, attacker, scratch = sys.argv[1], sys.argv[3], sys.argv[4]
    bin_dir = os.path.join(scratch, 'client-bin')
    os.mkdir(bin_dir)
    with open(os.path.join(bin_dir, 'gcc-99'), 'w') as f:
        f.write(LOCAL % attacker)
    os.chmod(os.path.join(bin_dir, 'gcc-99'), 0o755)
    begun = time.monotonic()
    wrong = [c.ended() for c in
             [Case(text, port, bin_dir, scratch) for text in sys.argv[5:]]]
    for text in filter(None, wrong):
        print(text)
    print(f'{len(wrong)} jobs in {time.monotonic() - begun:.1f} s')
    return 1 if any(wrong) else 0


if __name__ == '__main__':
    sys.exit(main())
