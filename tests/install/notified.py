#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""notified.py PORT DAEMON [OPTION...]: be the service manager of DAEMON, and
print a line for each change that it tells (sd_notify(3)).  When it says that
it is ready, whether something listens on PORT; then it is told to reload, and
to end."""
import os
import signal
import socket
import subprocess
import sys
import tempfile

port = int(sys.argv[1])
with tempfile.TemporaryDirectory() as place:
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    abstract = "--abstract" in sys.argv
    name = "\0" + place if abstract else place + "/notify"
    s.bind(name)
    s.settimeout(120)
    argv = [a for a in sys.argv[2:] if a != "--abstract"]
    node = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
        env=dict(os.environ, NOTIFY_SOCKET=name.replace("\0", "@")))
    try:
        readies = 0
        while True:
            text = s.recv(4096).decode()
            print(text.replace("\n", " "), flush=True)
            words = text.split("\n")
            if "READY=1" in words:
                readies += 1
                with socket.socket() as c:
                    print("listens", c.connect_ex(("127.0.0.1", port)) == 0)
                node.send_signal(signal.SIGHUP if readies == 1 else signal.SIGTERM)
            if "STOPPING=1" in words:
                break
        print("ended", node.wait(60))
    finally:
        node.kill()
