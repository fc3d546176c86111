# SPDX-License-Identifier: GPL-2.0-or-later
"""Clients: the stock one in its three modes, the bare compiler in its place,
and requests for the raw one (ask.c)."""
import os
import shutil
import subprocess
import sys
import tempfile

from measure import TREE, Coprocess, Failed
from workloads import FLAGS, MODES, preprocessed

sys.path.insert(0, os.path.join(TREE, "tests", "abuse"))
import hostile_lib  # noqa: E402
from hostile_lib import escape  # noqa: E402


def clean_env():
    env = {k: v for k, v in os.environ.items() if not k.startswith("DISTCC")}
    env.update(LC_ALL="C.UTF-8")
    return env


class Pump:
    """Include servers, one for each daemon; all end with close()."""

    def __init__(self, scratch):
        self.scratch, self.started = scratch, {}
        done = subprocess.run([TREE + "/tests/compat/build_pump"],
                              check=False, capture_output=True, text=True)
        self.directory = done.stdout.strip() if done.returncode == 0 else None

    def env(self, hosts):
        """What makes the stock client ask an include server, or Failed."""
        if self.directory is None:
            raise Failed("no pump here that works")
        if hosts not in self.started:
            self.started[hosts] = self.start(hosts)
        return self.started[hosts]

    def start(self, hosts):
        # A place of its own (tests/lib/node.sh, pump_place).
        place = tempfile.mkdtemp(prefix="immure-pump.", dir="/tmp")
        env = dict(clean_env(), DISTCC_HOSTS=hosts, DISTCC_CLIENT_TMP=place,
                   TMPDIR=place, PATH=self.directory + ":" +
                   os.environ["PATH"])
        done = subprocess.run(["pump", "--startup"], env=env, check=False,
                              cwd=self.scratch, capture_output=True,
                              text=True)
        for line in done.stdout.replace(";", "\n").splitlines():
            name, found, value = \
                line.strip().removeprefix("export ").partition("=")
            if found:
                env[name] = value.strip("'\"")
        if "INCLUDE_SERVER_PORT" not in env:
            raise Failed("pump does not start: " + done.stderr[-500:])
        return env

    def close(self):
        for env in self.started.values():
            subprocess.run(["pump", "--shutdown"], env=env, check=False,
                           capture_output=True)
            shutil.rmtree(env["DISTCC_CLIENT_TMP"], ignore_errors=True)


def stock_env(scratch, hosts, pump=None):
    """@hosts: DISTCC_HOSTS with its options."""
    env = clean_env()
    if "cpp" in hosts:
        env.update(pump.env(hosts))
    env.update(DISTCC_DIR=tempfile.mkdtemp(prefix="client.", dir=scratch),
               DISTCC_FALLBACK="0", DISTCC_HOSTS=hosts, TMPDIR=scratch)
    return env


def hosts_of(server, mode, places=8):
    return f"127.0.0.1:{server.port}/{places}{MODES[mode]}"


def bare(job, directory, out="bare.o", source=None):
    return Coprocess("spawn", job.compiler, *FLAGS, source or job.work.file,
                     "-o", out, cwd=directory, env=clean_env())


def stock(env, name, job, directory, serial=0):
    return Coprocess("spawn", "distcc", job.compiler, *FLAGS, job.work.file,
                     "-o", f"{name}.{serial}.o", cwd=directory, env=env)


def read(path):
    with open(path, "rb") as f:
        return f.read()


def files_of(work, directory):
    """What an include server would send of it."""
    names = [work.file] + (["large.h"] if work.file == "large.c" else [])
    return {"/tmp/bench/" + n: read(os.path.join(directory, n))
            for n in names}


def request(job, directory):
    """As the stock client sends it, but that bodies are not compressed well
    (escape.lzo)."""
    argv = [job.compiler, *FLAGS, job.work.file, "-o", "out.o"]
    if job.mode == "pump":
        return escape.pump_request(argv, "/tmp/bench",
                                   files_of(job.work, directory))
    source = read(os.path.join(directory, preprocessed(job, directory)))
    return hostile_lib.request(1 if job.mode == "plain" else 2, source, argv)


def raw(server, job, directory):
    name = os.path.join(directory, job.label().replace(" ", "-") + ".request")
    if not os.path.exists(name):
        with open(name, "wb") as f:
            f.write(request(job, directory))
    return Coprocess("ask", server.listen, server.port, name)
