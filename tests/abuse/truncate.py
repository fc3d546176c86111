#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""truncate.py [CASE...]: a good request of each protocol, cut off behind every
byte, by half-close, by reset, and by saying nothing more; see hostile_lib.py.
"""
import sys

from hostile_lib import JOBS_BYTES, MIB, Hostile, main, request, storm

SOURCE = b'int truncated;\n'


def source_at(whole):
    """Where DOTI begins; a client may leave there (wire-protocol 1.2)."""
    at = whole.find(b'DOTI')
    return at if at >= 0 else None


def end_of(whole, n):
    if n == 0:
        return 'closed conn.empty'
    if n == source_at(whole):
        return 'closed conn.no-source'
    if n == len(whole):  # while it is compiled: an abort
        return 'closed client.gone|conn.gone'
    return 'closed conn.protocol'


def cuts(manner, want=None):
    for proto in 1, 2, 3:
        whole = request(proto, SOURCE)
        for n in range(len(whole) + (manner == 'half')):
            yield Hostile(f'v{proto}, {n} bytes, {manner}', whole[:n],
                          want or end_of(whole, n), manner)


def everywhere(node):
    """What a reset cuts off the node may see in part, or not at all; but it is
    never a whole request."""
    cases = list(cuts('held')) + list(cuts('half')) + list(cuts(
        'reset', 'closed conn.empty|conn.no-source|conn.protocol|conn.gone'))
    return storm(node, cases, k=len(cases) // 2, bound=JOBS_BYTES + 64 * MIB,
                 window=512)


if __name__ == '__main__':
    sys.exit(main({'everywhere': everywhere}))
