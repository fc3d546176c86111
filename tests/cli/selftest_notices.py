#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes layers out of a copy of the tree, and runs `immure selftest` there.

selftest_notices.py NAME...            each alone: prints what is broken
selftest_notices.py --together NAME... all of them at once

The layers are those of tests/escape/mutations; the probes of slots and cells
are switched off, or such a node would not start.  Needs root and a built tree.
Exit status 0 when each run found something broken (status 1), none of it
unknown.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                '..', 'escape'))
import mutate  # noqa: E402

RUN = '''
. tests/lib/node.sh
set -- --jobs 1 --socket "$1"
node_start --enable-tcp-insecure "$@" || exit 70
status=0
build/immure selftest --json --socket "$4" || status=$?
node_end || :
exit $status
'''


def selftest(copy, place):
    socket = os.path.join(place, 's')
    p = subprocess.run(['sh', '-c', RUN, 'sh', socket], cwd=copy.at,
                       env=copy.env, stdin=subprocess.DEVNULL, text=True,
                       check=False, stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE)
    try:
        rows = json.loads(p.stdout)['verdicts']
    except ValueError:
        print(p.stdout, p.stderr, sep='\n')
        rows = []
    return p.returncode, rows


def one(copy, place, names, found):
    edits = [e for n in names for e in found[n].edits] + mutate.PROBES
    old = copy.change(edits)
    try:
        copy.make('all')
        status, rows = selftest(copy, place)
    finally:
        copy.restore(old)
    print(f'{" ".join(names)}: status {status}')
    for row in rows:
        if row['state'] in ('broken', 'unknown'):
            print(f'  {row["name"]} {row["state"]}: {"; ".join(row["how"])}')
    return status == 1 and any(r['state'] == 'broken' for r in rows)


def main():
    names = [w for w in sys.argv[1:] if w != '--together']
    found = {m.name: m for m in mutate.mutations()}
    place = tempfile.mkdtemp(prefix='immure-st.', dir='/tmp')
    try:
        copy = mutate.Copy(place)
        groups = [names] if '--together' in sys.argv else [[n] for n in names]
        well = [one(copy, place, g, found) for g in groups]
    finally:
        shutil.rmtree(place)
    return 0 if all(well) else 1


if __name__ == '__main__':
    sys.exit(main())
