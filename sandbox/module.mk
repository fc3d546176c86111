# The jail library, immure-jail, and the tool that compiles the policies.
# policy_compile runs while building; it is not installed.
POLICY_SOURCES := sandbox/policy_parse.c sandbox/policy_emit.c \
	sandbox/policy_names.c
$(call program,policy_compile,sandbox/policy_compile.c $(POLICY_SOURCES),,libseccomp)

# What roles and cells share.  Stages list the sources instead: they are
# static and of another libc.
SANDBOX_SOURCES := sandbox/caps.c sandbox/cgroup.c sandbox/cgroup_find.c sandbox/filter.c sandbox/landlock.c \
	sandbox/layers.c sandbox/limits.c sandbox/mount.c sandbox/namespace.c \
	sandbox/probe.c sandbox/probe_beneath.c sandbox/probe_full.c \
	sandbox/user_mode.c
$(call library,sandbox,$(SANDBOX_SOURCES))

# The names of system calls; no role but those that write them has them.
define calls_
$(B)/gen/calls_$(1).c: mk/call-names
	@mkdir -p $$(@D)
	$$(call say,CALLS,$$@)mk/call-names $(1) $(2) $$(CC) >$$@
endef
$(eval $(call calls_,native,unistd.h))
$(eval $(call calls_,i386,unistd_32.h))
$(eval $(call calls_,x32,unistd_x32.h))
$(call library,calls,sandbox/call_name.c gen/calls_native.c \
	gen/calls_i386.c gen/calls_x32.c)

# Every policy of this folder, once; list gen/filter_<name>.c in SOURCES.
$(foreach p,job job-trip jail-init zygote,\
	$(call policy,sandbox/policies/$(p).policy))

$(call library,jail,sandbox/jail.c sandbox/jail_spawn.c sandbox/jail_root.c \
	sandbox/jail_inside.c gen/filter_job.c gen/filter_jail_init.c)

$(call program,immure-jail,sandbox/jail_main.c sandbox/jail_options.c \
	sandbox/jail_usual.c,jail sandbox)

$(call unit_test,test_policy,tests/unit/test_policy.c $(POLICY_SOURCES),,libseccomp)
$(call unit_test,test_filter_job,tests/unit/test_filter_job.c gen/filter_job.c)
$(call unit_test,test_call_name,tests/unit/test_call_name.c,calls,libseccomp)
$(call unit_test,test_kernel_abi,tests/unit/test_kernel_abi.c,,libseccomp)
$(call unit_test,test_jail_options,tests/unit/test_jail_options.c \
	sandbox/jail_options.c sandbox/jail_usual.c,jail sandbox)
$(call unit_test,test_user_mode,tests/unit/test_user_mode.c sandbox/user_mode.c)
$(call unit_test,test_beneath,tests/unit/test_beneath.c,jail sandbox)
$(call unit_test,test_cgroup,tests/unit/test_cgroup.c sandbox/cgroup.c \
	sandbox/cgroup_find.c sandbox/namespace.c)
$(call unit_test,test_rlimits,tests/unit/test_rlimits.c sandbox/limits.c)
$(call unit_test,test_filter_stack,tests/unit/test_filter_stack.c \
	$(patsubst %,gen/filter_%.c,zygote job cell_one cell_killer unpack pack))

# Forbidden acts and the probes as commands, for tests/escape.
$(call program,tests/escape/attempt,tests/escape/attempt.c)
$(call program,tests/escape/probe_layers,tests/escape/probe_layers.c,sandbox)
