# SPDX-License-Identifier: GPL-2.0-or-later
"""What all sections share: where files lie, the daemons, how long to go on."""
import os
import shutil
import signal
import sys
import tempfile

import clients
import servers
import workloads
from measure import Budget, Failed, turns


class Context:
    def __init__(self, args, report):
        self.args, self.report = args, report
        # Nothing stays behind when a run is ended.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.scratch = tempfile.mkdtemp(prefix="immure-bench.")
        os.chmod(self.scratch, 0o755)
        self.directory = os.path.join(self.scratch, "work")
        os.mkdir(self.directory)
        workloads.write(self.directory)
        self.pump = clients.Pump(self.scratch)
        self.servers = {}
        self.open = []

    def jobs(self, section, modes=workloads.MODES, works=None):
        """Those that were asked for and are here."""
        for work in workloads.WORKS:
            if works and work.name not in works:
                continue
            for compiler in filter(shutil.which, work.compilers):
                for mode in modes:
                    job = workloads.Job(work, compiler, mode)
                    if self.args.wanted(section, job.label()):
                        yield job

    @staticmethod
    def tiny(compiler="gcc", mode="plain"):
        """The smallest job there is."""
        return workloads.Job(workloads.WORKS[0], compiler, mode)

    def budget(self, share=1.0, least=3, most=5000):
        """Of a row."""
        return Budget(self.args.seconds * share,
                      min(least, self.args.most), min(most, self.args.most),
                      1 if self.args.quick else 2)

    def node(self, kind):
        """The running daemon of that kind."""
        if kind not in self.servers:
            server = {"distccd": servers.Distccd,
                      "immured": servers.Immured}[kind](self.scratch)
            self.servers[kind] = server
            server.start()
            server.wait(self.request(self.tiny()))
        return self.servers[kind]

    def request(self, job):
        return clients.request(job, self.directory)

    def keep(self, coprocess):
        """Closed when the row is over."""
        self.open.append(coprocess)
        return coprocess

    def close_open(self):
        while self.open:
            self.open.pop().close()

    def turns(self, label, contenders, budget):
        return turns(contenders, budget,
                     lambda done: self.report.progress(label, done))

    def row(self, section, label, make):
        """The row that @make() gives, reported; why not, when it fails."""
        self.report.progress(label, 0)
        try:
            self.report.add(make())
        except Failed as e:
            self.report.failed(section, label, e)
        finally:
            self.close_open()

    def close(self):
        self.pump.close()
        for server in self.servers.values():
            server.end()
        if self.args.keep:
            print("kept: " + self.scratch, file=sys.stderr)
        else:
            shutil.rmtree(self.scratch, ignore_errors=True)
