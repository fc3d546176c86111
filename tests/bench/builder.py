# SPDX-License-Identifier: GPL-2.0-or-later
"""One project, built by the bare compiler or through a daemon."""
import os
import subprocess
import time

import clients
from measure import Failed


class Builder:
    def __init__(self, context, project, tree, kind, mode):
        self.context, self.project, self.tree = context, project, tree
        self.server = None if kind == "bare" else context.node(kind)
        self.env = self.environment(kind, mode)
        self.jobs, self.objects = [], 0

    def environment(self, kind, mode):
        if self.server is None:
            env, launcher = clients.clean_env(), ""
        else:
            # Plenty of places: how many run at once is for make to say.
            hosts = clients.hosts_of(self.server, mode, 64)
            env = clients.stock_env(self.context.scratch, hosts,
                                    self.context.pump)
            launcher = "distcc"
        out = os.path.join(self.context.scratch,
                           f"out.{self.project.source}.{launcher or 'bare'}")
        env.update(CC=(launcher + " gcc").strip(), OUT=out,
                   CXX=(launcher + " g++").strip(), LAUNCHER=launcher,
                   J=str(self.context.args.jobs))
        return env

    def run(self, step):
        done = subprocess.run(["sh", "-ec", step], cwd=self.tree,
                              env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed("%s: exit status %d\n%s" % (
                step, done.returncode, (done.stdout + done.stderr)[-2000:]))
        return done.stdout

    def configure(self):
        self.run(self.project.configure)

    def served(self):
        return self.server.jobs() if self.server else 0

    def build(self):
        """Seconds, from a clean tree."""
        self.run(self.project.clean)
        before = self.served()
        begun = time.perf_counter()
        self.run(self.project.build)
        took = time.perf_counter() - begun
        self.objects = len(self.run(self.project.objects).splitlines())
        time.sleep(0.3)  # the last one's record
        self.jobs.append(self.served() - before)
        return took

    def note(self, kind):
        return "%s compiled %d jobs for %d objects; the rest the client " \
            "keeps to itself" % (kind, self.jobs[-1], self.objects)
