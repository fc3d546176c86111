# The node's programs with their own walls off (tests/outer/README in `run`):
# each genuine program's objects, with walls_*.c in place of the calls that
# confine it (ld's --wrap).  Among PROGRAMS, in a directory of their own from
# which with_walls_off makes a node, and never installed.  No word of a command
# line, an environment or a file makes one of the real programs.
OUTER := tests/outer/node
outer_wrap = $(foreach f,$(1),-Wl$(comma)--wrap=$(f))
OUTER_IDENTITY := caps_become caps_drop_all landlock_enter prctl filter_install
OUTER_ROLE := $(OUTER_IDENTITY) unshare sethostname mount_private mount_tmpfs \
	mount_pivot
OUTER_HEAR := msg_recv msg_recv_wait

# $(call outer,PROGRAM,SOURCES,LIBS,PKGS,WALLS,CALLS)
outer = $(call program,$(OUTER)/$(1),$(2) $(patsubst %,tests/outer/%.c,acts \
	$(5)),$(3),$(4))$(eval $(B)/$(OUTER)/$(1): private LDFLAGS_ALL += \
	$(call outer_wrap,$(6)))
outer_role = $(call outer,libexec/immure-$(1),$(2),$(3),$(4),walls_common \
	walls_role $(5),$(OUTER_ROLE) $(6))

$(call outer_role,front,$(FRONT_SOURCES),wire common sandbox)
$(call outer_role,broker,$(BROKER_SOURCES),broker options wire plan toolchain \
	common sandbox,libsodium)
$(call outer_role,auditor,node/auditor/auditor.c node/auditor/sink.c \
	$(AUDITOR_PURE) gen/filter_auditor.c,common sandbox calls,jansson)
$(call outer_role,status,$(addprefix node/status/,status.c page.c) \
	gen/filter_status.c,common sandbox)
$(call outer_role,imager,$(IMAGER_SOURCES),imager toolchain common sandbox,\
	libsodium jansson,walls_hear,$(OUTER_HEAR))
$(call outer_role,executor,$(EXECUTOR_SOURCES),common sandbox calls toolchain,,\
	walls_hear walls_executor,$(OUTER_HEAR) msg_send cell_hear)
$(call outer,libexec/immure-zygote,$(ZYGOTE_SOURCES),common sandbox toolchain,,\
	walls_common walls_zygote,$(OUTER_IDENTITY) caps_keep namespace_lock \
	sethostname probe_beneath cell_trip_prepare cell_trip_install \
	cell_main rlimits_apply syscall)
$(call outer,libexec/immure-spawner,$(SPAWNER_SOURCES),common sandbox \
	toolchain,,walls_spawner,scope_enter namespace_clone namespace_map \
	syscall)
$(call outer,libexec/immure-runner,node/imager/runner_main.c,jail common \
	sandbox,,walls_runner,caps_keep)
$(call outer,immured,$(IMMURED_SOURCES),$(IMMURED_LIBS),inih,walls_monitor,\
	caps_keep filter_install)

# Stages: $(call outer_stage,NAME,SOURCES,LDLIBS,CALLS)
outer_stage = $(eval $(call outer_stage_,$(1),$(2),$(3),$(4)))
define outer_stage_
$(B)/$(OUTER)/libexec/stage-$(1): $(patsubst %.c,$(B)/stage/%.o,$(2))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$$(STAGE_CC) $$(STAGE_CFLAGS) $$(STAGE_LINK) \
	    $(call outer_wrap,$(4)) -Wl,-z,text -o $$@ $$(filter %.o,$$^) $(3) \
	    $$(STAGE_END)
PROGRAMS += $(B)/$(OUTER)/libexec/stage-$(1)
endef
OUTER_STAGE := tests/outer/walls_stage.c tests/outer/acts.c
$(call outer_stage,unpack,$(UNPACK_SOURCES) $(OUTER_STAGE),$(STAGE_LZO),\
	filter_install)
$(call outer_stage,pack,$(PACK_SOURCES) $(OUTER_STAGE),$(STAGE_LZO),\
	filter_install)
$(call outer_stage,launch,$(LAUNCH_SOURCES) tests/outer/walls_probe.c,,\
	probe_quick)
$(call outer_stage,probe,$(PROBE_SOURCES) tests/outer/walls_probe.c,,\
	probe_full)

# The attacker as a compiler of that node.
$(B)/$(OUTER)/gcc-99: $(ATTACKER) tests/outer/job.c tests/outer/acts.c \
	$(wildcard tests/escape/attacker*.h) tests/outer/acts.h \
	node/common/message.c node/common/fd.c sandbox/filter.c \
	$(B)/gen/filter_job.c $(B)/tests/escape/evil.so
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(ATTACKER_CC) -static -Wl,--wrap=main -o $@ \
	    $(filter %.c,$^)
PROGRAMS += $(B)/$(OUTER)/gcc-99
