#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What hostile jobs leave of the slot they had: nothing.

reuse.py PORT MONITOR-PID ATTACKER SCRATCH [ACT...]
reuse.py PORT MONITOR-PID ATTACKER SCRATCH --stains     the last part alone

For tests/escape/with_attacker with --jobs 1.  After each act of escape.py's
table and each of gcc_attacks.py (in plain or in pump mode by turns; the other
way round in an ordinary user's node) the slot's fingerprint is what it was
before, and an honest job in the same slot gives the client's own object, byte
for byte.  A slot that was built anew after a violation is like the one before
it in all but its numbers; as that takes its time, and nothing of the old one is
left, TRIPS of the acts that are violations are tried, by SEED (TRIPS=0: all).

Last, what the fingerprint of root's node is made of is changed one by one
(stains.py), and must be seen to be.
"""
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402
import fingerprint  # noqa: E402
import gcc_attacks  # noqa: E402
import stains  # noqa: E402

SETTLE_S = 10
HONEST = b'''# 0 "honest.c"
static int twice(int n) { return 2 * n; }
int honest(int n) { return twice(n) + 1; }
'''
ARGV = ['gcc', '-O2', '-c', 'honest.c', '-o', 'honest.o']
# Acts of attacker.c that are in no table: they hold, spend or end.
MORE = 'hold-forks 0', 'kill-all', 'daemon', 'violate', 'raise-limit'
# What shows that an act was tried; MUTE ones say nothing.
SAID, MUTE = ('VERDICT ', 'HELD ', 'cell.violation', ''), ('kill-all',)
SEED = int(os.environ.get('SEED', time.time_ns() % 1000000))
TRIPS = int(os.environ.get('TRIPS', 8))


def own_object(scratch):
    """What the client itself would make of HONEST."""
    with open(os.path.join(scratch, 'honest.i'), 'wb') as f:
        f.write(HONEST)
    subprocess.run(['gcc', '-x', 'cpp-output'] + ARGV[1:3] +
                   ['honest.i', '-o', 'honest.o'], cwd=scratch, check=True)
    with open(os.path.join(scratch, 'honest.o'), 'rb') as f:
        return f.read()


class Reuse:
    def __init__(self, node):
        self.node, self.own = node, own_object(node.scratch)
        self.honest()
        self.slot, self.anew = fingerprint.Slot(node.monitor), 0
        self.first = self.settled(None)

    def honest(self):
        """None, or what is wrong with a job of the host's gcc."""
        reply = escape.ask(self.node.port,
                           escape.plain_request(ARGV, HONEST), False)
        if reply.status != 0 or reply.parts.get(b'DOTO') != self.own:
            return f'the next job: status {reply.status} {reply.text()[:100]}'
        return None

    def settled(self, want, of=lambda taken: taken):
        """The fingerprint, once it is @want or stays what it is; or else what
        it is in the end."""
        end, last = time.monotonic() + SETTLE_S, None
        while True:
            self.find_slot()
            try:
                now = of(self.slot.take())
            except (OSError, ValueError, LookupError):  # one has ended
                now = None
            if now is not None and now == (want() if want else last):
                return now
            if time.monotonic() > end:
                return now or {}
            last = now
            time.sleep(0.02)

    def find_slot(self):
        """Was it built anew?  Then look at that one from here on."""
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end:
            try:
                now = fingerprint.pids(self.node.monitor)
                if now != (self.slot.executor, self.slot.zygote):
                    self.slot.end()
                    self.slot = fingerprint.Slot(self.node.monitor)
                    self.anew += 1
                return
            except (OSError, StopIteration):
                time.sleep(0.02)
        raise SystemExit('the slot does not come back')

    def compare(self):
        """What is not as it was."""
        before = self.anew

        def alike(taken):
            same = self.anew == before
            return taken if same else fingerprint.plain(taken)
        now = self.settled(lambda: alike(self.first), alike)
        wrong = fingerprint.differences(alike(self.first), now)
        if self.anew != before:
            self.first = self.settled(None)
        return wrong

    def after(self, name, reply):
        """Of one hostile job: is the slot as it was, and the next job right?"""
        wrong = self.compare()
        if b'DONE' not in reply.raw:
            wrong.append(f'no answer: {reply.raw[:80]!r}')
        late = self.honest()
        wrong += [late] if late else []
        if wrong:
            print(f'{name}: ' + '; '.join(wrong[:6]), flush=True)
        return bool(wrong)


def acts(node, only):
    rows = [row for row in escape.rows_of(node)
            if not only or row[1] in only]
    trips = [row for row in rows if row[4] == 'TRIP']
    if not only and TRIPS:
        rng = random.Random(SEED)
        trips = rng.sample(trips, min(TRIPS, len(trips)))
    for row in rows:
        if row[4] != 'TRIP' or row in trips:
            yield row[1], row[2]
    for line in MORE:
        act, _, arg = line.partition(' ')
        if not only or act in only:
            yield act, arg


def run_acts(reuse, only):
    node, ran, bad = reuse.node, 0, 0
    for act, arg in acts(node, only):
        pump = (ran + node.one_id) % 2 == 1
        arg = arg.format(**node.places('pump' if pump else 'plain'))
        reply = node.job(f'attack {act} {arg}', pump)
        if not any(w in reply.text() for w in SAID[:3 + (act in MUTE)]):
            bad += 1
            print(f'{act}: did not run: {reply.text()[:200]}')
        bad += reuse.after(f'{act} {arg} ({"pump" if pump else "plain"})',
                           reply)
        ran += 1
    return ran, bad


def run_gcc(reuse):
    attack = gcc_attacks.Attack(reuse.node.port, reuse.node.scratch)
    bad = 0
    for n, case in enumerate(gcc_attacks.CASES):
        reply = attack.inside(case, (n + reuse.node.one_id) % 2 == 1)
        bad += reuse.after(f'{case[1]} by {case[2]}', reply)
    return len(gcc_attacks.CASES), bad


def main():
    only = sys.argv[5:]
    node = escape.Node(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5])
    reuse = Reuse(node)
    if only == ['--stains']:
        return stains.run(reuse)
    ran, bad = run_acts(reuse, only)
    if not only:
        more, worse = run_gcc(reuse)
        ran, bad = ran + more, bad + worse
        if not node.one_id:
            bad += stains.run(reuse)
    print(f'{ran} hostile jobs, {len(reuse.first)} facts of a slot, '
          f'{reuse.anew} slots built anew, {bad} wrong (SEED={SEED})')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
