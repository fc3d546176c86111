# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole commands and requests against both daemons, one kind a function."""
import os
import time

import clients
import stats
from measure import MS, Crowd, Failed
from rows import row
from workloads import sent

DAEMONS = ("distccd", "immured")
CORES = os.cpu_count()


def each(context, section, one, **which):
    """A row for each job: @one(label, job) gives it."""
    for job in context.jobs(section, **which):
        label = job.label()
        context.row(section, label, lambda: one(label, job))


def env_of(context, kind, mode):
    hosts = clients.hosts_of(context.node(kind), mode, 8 + 2 * CORES)
    return clients.stock_env(context.scratch, hosts, context.pump)


def client(context):
    """The stock client, from its start to its end; the compiler alone in its
    place."""
    def one(label, job):
        d = context.directory
        contenders = {"bare": context.keep(clients.bare(job, d)).wall}
        for kind in DAEMONS:
            contenders[kind] = context.keep(clients.stock(
                env_of(context, kind, job.mode), kind, job, d)).wall
        return row("client", label, "ms",
                   context.turns(label, contenders, context.budget()))

    each(context, "client", one)


def crowd(context):
    """As many clients as cores, each as soon as it has its object: jobs a
    second, and how long one takes then."""
    def commands(kind, job):
        if kind == "bare":
            return [clients.bare(job, context.directory, f"bare.{i}.o")
                    for i in range(CORES)]
        env = env_of(context, kind, job.mode)
        return [clients.stock(env, kind, job, context.directory, i)
                for i in range(CORES)]

    def one(label, job):
        crowds = {kind: Crowd([context.keep(c) for c in commands(kind, job)],
                              context.args.block)
                  for kind in ("bare",) + DAEMONS}
        values = context.turns(label, {k: c.rate for k, c in crowds.items()},
                               context.budget(0.5))
        return row("crowd", label, "jobs/s", values, clients=CORES,
                   latency_ms={k: stats.summary(c.latencies)
                               for k, c in crowds.items()})

    each(context, "crowd", one)


def asker(context, kind, job):
    return context.keep(clients.raw(context.node(kind), job,
                                    context.directory))


def bare_sent(context, job):
    """The compiler alone on what the node is sent."""
    return context.keep(clients.bare(job, context.directory,
                                     source=sent(job, context.directory)))


def node_side(context, job):
    contenders = {"bare": bare_sent(context, job).wall}
    for kind in DAEMONS:
        contenders[kind] = asker(context, kind, job).mark
    return contenders


def node(context):
    """The node's side: from the last byte of a request to the last byte of
    its reply, beside the compiler alone on the same file."""
    def one(label, job):
        return row("node", label, "ms", context.turns(
            label, node_side(context, job), context.budget()))

    each(context, "node", one, modes=["plain"])
    # Raw requests are not packed well: of larger ones, no measure.
    each(context, "node", one, modes=["lzo", "pump"], works=["tiny C"])


def idle(context):
    """The same after a second without a job."""
    pause = min(1, context.args.seconds)

    def after_a_while(once):
        def call():
            time.sleep(pause)
            return once()
        return call

    def one(label, job):
        contenders = {n: after_a_while(c)
                      for n, c in node_side(context, job).items()}
        return row("idle", label, "ms", context.turns(
            label, contenders, context.budget(2, least=2)), pause_s=pause)

    each(context, "idle", one, modes=["plain"], works=["tiny C"])


def cpu(context):
    """Processor time of all the node's processes for each of a block of jobs,
    and what the compiler alone takes."""
    jobs = 5 * context.args.block

    def of_node(kind, job):
        ask, group = asker(context, kind, job), context.node(kind).group

        def block():
            before = group.cpu_ns()
            ask.times(jobs)
            time.sleep(0.05)  # what is left of the last one, and its cell
            return (group.cpu_ns() - before) / jobs / MS
        return block

    def of_compiler(job):
        command = bare_sent(context, job)
        return lambda: sum(t.cpu for t in command.times(jobs)) / jobs / MS

    def one(label, job):
        contenders = {"bare": of_compiler(job)}
        contenders.update({k: of_node(k, job) for k in DAEMONS})
        values = context.turns(label, contenders, context.budget(least=2))
        return row("cpu", label, "ms", values, over_bare={
            k: stats.differences(values[k], values["bare"]) for k in DAEMONS})

    each(context, "cpu", one, works=["tiny C"])


COLD = [("gcc", "plain"), ("clang", "plain"), ("gcc", "pump")]


class Cold:
    """Nodes started anew: until the first job is answered, and the first of
    each kind after that, with the same once more."""

    def __init__(self, context):
        self.context, self.times = context, {}

    def note(self, what, kind, begun):
        self.times.setdefault(what, {}).setdefault(kind, []).append(
            (time.perf_counter() - begun) * 1000)

    def first_jobs(self, kind, server):
        for compiler, mode in COLD:
            request = self.context.request(self.context.tiny(compiler, mode))
            for which in ("first", "second"):
                begun = time.perf_counter()
                if not server.reply_to(request).startswith(b"DONE"):
                    raise Failed(f"{kind}: no answer")
                self.note(f"{which} job, {compiler} {mode}", kind, begun)

    def again(self, kind):
        server = self.context.node(kind)
        server.stop()
        begun = time.perf_counter()
        server.start()
        server.wait(self.context.request(self.context.tiny()))
        self.note("start to first answer", kind, begun)
        self.first_jobs(kind, server)


def cold(context):
    nodes = Cold(context)
    for turn in range(context.args.starts):
        for kind in DAEMONS:
            context.report.progress(f"cold start of {kind}", turn)
            nodes.again(kind)
    for what, values in nodes.times.items():
        context.row("cold", what, lambda: row("cold", what, "ms", values))
