# SPDX-License-Identifier: GPL-2.0-or-later
"""The stock client over ssh, beside the same job over TCP and a connection of
ssh that does nothing.  Needs sshd; it and its keys are tests/lib/sshd.sh's."""
import os
import shutil
import subprocess

import clients
import stats
from measure import BUILD, TREE, Coprocess, Failed
from rows import row

SSHD = """
. tests/lib/node.sh; . tests/lib/sshd.sh
trap sshd_stop EXIT
sshd_start >&2 && cp "$SSHD_DIR/key.pub" "$SSHD_DIR/keys.root" || exit 1
echo "$SSHD_DIR"
read -r _
"""


class Sshd:
    """Lets root in by a key, on loopback, until it is closed."""

    def __enter__(self):
        self.process = subprocess.Popen(
            ["sh", "-c", SSHD], cwd=TREE, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self.directory = self.process.stdout.readline().strip()
        if not self.directory:
            self.__exit__()
            raise Failed("no sshd")
        self.command = self.script("ssh", f'ssh -F {self.directory}/client')
        return self

    def script(self, name, command):
        """The stock client takes one word for each program."""
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nexec {command} "$@"\n')
        os.chmod(path, 0o755)
        return path

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def over_ssh(context, sshd, name, program, job):
    env = clients.stock_env(context.scratch, f"@node:{program}")
    env["DISTCC_SSH"] = sshd.command
    return context.keep(clients.stock(env, name, job, context.directory))


def contenders_of(context, sshd, job):
    node = context.node("immured")
    env = clients.stock_env(context.scratch, clients.hosts_of(node, "plain"))
    asks = sshd.script("immured", f"{BUILD}/immured --socket {node.socket()}")
    return {
        "ssh true": context.keep(Coprocess("spawn", sshd.command, "node",
                                           "true", env=clients.clean_env())),
        "immured TCP": context.keep(clients.stock(
            env, "tcp", job, context.directory)),
        "immured ssh": over_ssh(context, sshd, "ssh1", asks, job),
        "distccd ssh": over_ssh(context, sshd, "ssh2",
                                shutil.which("distccd"), job)}


def ssh(context):
    """Beyond one connection of ssh and a job over TCP nothing should be
    left."""
    job = context.tiny()
    label = "tiny C gcc plain over ssh"

    def one():
        with Sshd() as sshd:
            contenders = contenders_of(context, sshd, job)
            values = context.turns(label, {
                n: c.wall for n, c in contenders.items()}, context.budget())
            context.close_open()
        both = [a + b for a, b in zip(values["ssh true"],
                                      values["immured TCP"])]
        left = stats.differences(values["immured ssh"], both)
        return row("ssh", label, "ms", values, over_ms=left["median"], notes=[
            "immured over ssh beyond a connection and a job over TCP: "
            "%.2f (%.2f to %.2f) ms" % (left["median"], left["q1"],
                                        left["q3"])])

    if context.args.wanted("ssh", label):
        context.row("ssh", label, one)
