#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Play the monitor for one imager: with_image.py DIR COMMAND...

Needs root and a mount namespace of its own (unshare -m).  Mounts a tmpfs at
DIR/1, starts immure-imager, and once it says that its images are ready runs
COMMAND by the shell with $IMAGES set.  Then waits up to $WAIT seconds (0) for
the word that the host has changed: prints "stale" or "still", and the
imager's exit status.
"""
import array
import os
import select
import socket
import struct
import subprocess
import sys

IMAGE_READY, IMAGE_STALE, AUDIT_EVENT = 0x220, 0x222, 0x604


def receive(sock, seconds):
    """(type, body, descriptors), or None when nothing came."""
    if not select.select([sock], [], [], seconds)[0]:
        return None
    record, ancillary, _, _ = sock.recvmsg(8192, 1024)
    fds = array.array("i")
    for _, _, data in ancillary:
        fds.frombytes(data)
    if not record:
        return (0, b"", fds)
    return (struct.unpack("IIQ", record[:16])[0], record[16:], fds)


def main():
    top, command = sys.argv[1], sys.argv[2]
    exe = os.environ["IMAGER"]
    images = os.path.join(top, "1")
    os.mkdir(images)
    subprocess.check_call(["mount", "-t", "tmpfs", "-o", "mode=755",
                           "immure-test", images])
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        os.dup2(theirs.fileno(), 3)
        os.execv(exe, [exe, "--images", top, "--generation", "1"])
    theirs.close()
    while True:
        message = receive(ours, 120)
        if message is None or message[0] == 0:
            sys.exit("the imager made no images")
        if message[0] == AUDIT_EVENT:
            print("event:", message[1][80:].replace(b"\0", b"").decode())
        if message[0] == IMAGE_READY:
            break
    os.environ["IMAGES"], os.environ["IMAGER_PID"] = images, str(pid)
    status = subprocess.call(["sh", "-ec", command])
    wait = float(os.environ.get("WAIT", "0"))
    if wait:
        message = receive(ours, wait)
        print("stale" if message and message[0] == IMAGE_STALE else "still")
    ours.close()
    print("imager:", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    sys.exit(status)


main()
