# SPDX-License-Identifier: GPL-2.0-or-later
"""LZO1X, undone: what a reply in pump mode says (docs/design/wire-protocol.md).
For blocks of a node's own: nothing is checked."""


class _Reader:
    def __init__(self, block):
        self.block, self.at = block, 0

    def byte(self):
        self.at += 1
        return self.block[self.at - 1]

    def pair(self):
        low = self.byte()
        return low | self.byte() << 8

    def take(self, n):
        self.at += n
        return self.block[self.at - n:self.at]

    def length(self, bits, most):
        """A length that may go on in more bytes."""
        if bits:
            return bits
        n = most
        while True:
            b = self.byte()
            n += b if b else 255
            if b:
                return n


def _match(r, first, state):
    """Length and distance of a match, and the literals behind it; distance 0:
    the end."""
    if first >= 64:
        return (first >> 5) + 1, (first >> 2 & 7) + (r.byte() << 3) + 1, \
            first & 3
    if first >= 32:
        n = r.length(first & 31, 31) + 2
        low = r.pair()
        return n, (low >> 2) + 1, low & 3
    if first >= 16:
        n = r.length(first & 7, 7) + 2
        low = r.pair()
        far = ((first & 8) << 11) + (low >> 2)
        return n, far + 0x4000 if far else 0, low & 3
    far = (first >> 2) + (r.byte() << 2)
    return (3, far + 0x801, first & 3) if state > 3 else (2, far + 1, first & 3)


def unlzo(block):
    r, out, state = _Reader(block), bytearray(), 0
    if block and block[0] > 17:
        n = r.byte() - 17
        out += r.take(n)
        state = min(n, 4)
    while r.at < len(block):
        first = r.byte()
        if first < 16 and state == 0:
            out += r.take(r.length(first, 15) + 3)
            state = 4
            continue
        n, far, state = _match(r, first, state)
        if far == 0:
            break
        for _ in range(n):
            out.append(out[-far])
        out += r.take(state)
    return bytes(out)
