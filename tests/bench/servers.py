# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemons that are compared, each on a port and with a log of its own."""
import os
import pwd
import re
import shlex
import signal
import socket
import subprocess
import time

from group import Group
from measure import BUILD, Failed

READY_S = 120
PACKAGED = "/etc/default/distcc"  # Debian's


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def packaged():
    """The settings of Debian's service, as /etc/init.d/distcc reads them."""
    settings = {"NICE": "10", "JOBS": "", "ZEROCONF": "false"}
    if os.path.exists(PACKAGED):
        with open(PACKAGED, encoding="utf-8") as f:
            for line in f:
                found = re.match(r"([A-Z]+)=(.*)", line)
                if found:
                    settings[found[1]] = "".join(shlex.split(found[2]))
    return settings


def common_words(port, log, listen="127.0.0.1", allow="127.0.0.1"):
    """What both daemons are told in the same words: nice level and jobs are
    those of Debian's service, which leaves jobs to the daemon."""
    settings = packaged()
    words = ["--no-detach", "--port", str(port), "--listen", listen,
             "--allow", allow, "--log-file", log]
    if settings["NICE"]:
        words += ["--nice", settings["NICE"]]
    if settings["JOBS"]:
        words += ["--jobs", settings["JOBS"]]
    return words


class Server:
    """@under goes before the command: into another network namespace."""

    def __init__(self, scratch, name=None, listen="127.0.0.1",
                 allow="127.0.0.1", under=(), enter=lambda: None):
        """@enter is called in the child, besides."""
        self.name = name or self.kind
        self.scratch, self.under, self.enter = scratch, list(under), enter
        self.listen, self.allow = listen, allow
        self.port = free_port()
        self.log = os.path.join(scratch, self.name + ".log")
        self.process = None
        self.group = Group(self.name)

    def start(self):
        words = common_words(self.port, self.log, self.listen, self.allow)

        def enter():
            self.group.enter()
            self.enter()

        self.process = subprocess.Popen(
            self.under + self.command() + words, preexec_fn=enter,
            # As a daemon is: the scheduler groups processes by session.
            start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def reply_to(self, request):
        """The first bytes of it; empty when nobody listens yet."""
        reply = b""
        try:
            with socket.create_connection((self.listen, self.port), 60) as s:
                s.sendall(request)
                while piece := s.recv(65536):
                    reply += piece
        except OSError:
            pass
        return reply[:24]

    def wait(self, request):
        """Until @request has been compiled; seconds since @self.start."""
        start = time.perf_counter()
        while not self.reply_to(request).endswith(b"STAT00000000"):
            if self.process.poll() is not None or \
                    time.perf_counter() - start > READY_S:
                raise Failed(f"{self.name} does not compile: {self.log}")
            time.sleep(0.005)
        return time.perf_counter() - start

    def record(self):
        return self.log

    def jobs(self):
        """How many are on its record."""
        with open(self.record(), encoding="utf-8", errors="replace") as f:
            return sum(self.served in line for line in f)

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def end(self):
        self.stop()
        self.group.remove()


class Distccd(Server):
    """As Debian's service starts it: its user, its nice level, its list of
    compilers (/usr/lib/distcc)."""
    kind = "distccd"
    served = "dcc_job_summary"

    def command(self):
        user = pwd.getpwnam("distccd")
        with open(self.log, "a", encoding="utf-8"):
            os.chown(self.log, user.pw_uid, user.pw_gid)
        return ["setpriv", "--reuid", "distccd", "--regid",
                str(user.pw_gid), "--init-groups", "env", "-u", "TMPDIR",
                "distccd"]


class Immured(Server):
    """With all its layers, log and audit file."""
    kind = "immured"
    served = '"type":"job"'

    def record(self):
        return os.path.join(self.scratch, self.name + ".audit")

    def socket(self):
        return os.path.join(self.scratch, self.name + ".sock")

    def command(self):
        return [os.path.join(BUILD, "immured"), "--audit-file", self.record(),
                "--socket", self.socket()]
