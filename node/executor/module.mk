# A slot: spawner -> zygote -> cells, and the executor that commands them.
$(call policy,node/executor/executor.policy)
$(call policy,node/executor/cell-one.policy)
$(call policy,node/executor/cell-killer.policy)

# As lists: tests/taken and tests/outer link them with what is hostile.
SPAWNER_SOURCES := $(addprefix node/executor/,spawner.c slot_group.c \
	template.c table_map.c scope.c)
$(call program,libexec/immure-spawner,$(SPAWNER_SOURCES),common sandbox toolchain)
ZYGOTE_SOURCES := $(addprefix node/executor/,zygote.c \
	cell_init.c cell_killer.c cell_root.c cell_rules.c cell_stage.c \
	cell_trip.c \
	template.c table_map.c) $(addprefix gen/,filter_zygote.c filter_job_trip.c \
	filter_cell_one.c filter_cell_killer.c)
$(call program,libexec/immure-zygote,$(ZYGOTE_SOURCES),common sandbox toolchain)
EXECUTOR_SOURCES := $(addprefix node/executor/,executor.c \
	exec_cell.c exec_group.c exec_job.c exec_trip.c cell_exit.c table_map.c scope.c) gen/filter_executor.c
$(call program,libexec/immure-executor,$(EXECUTOR_SOURCES),\
	common sandbox calls toolchain)

$(call unit_test,test_trip,tests/unit/test_trip.c node/executor/exec_trip.c \
	gen/filter_job_trip.c gen/filter_executor.c,common sandbox)
$(call unit_test,test_memfd,tests/unit/test_memfd.c node/common/memfd.c)

# One slot by hand, as root: tests/escape/executor.bats
$(call program,tests/escape/drive_executor,tests/escape/drive_executor.c \
	tests/escape/drive.c tests/escape/drive_kill.c \
	tests/escape/drive_acts.c tests/escape/drive_fault.c,\
	plan common sandbox,lzo2)

# A compiler that is none, for its image.
$(B)/tests/escape/drive_hostile: tests/escape/drive_hostile.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(STAGE_CC) $(CPPFLAGS) $(STAGE_CFLAGS) -static \
	    -o $@ $<
PROGRAMS += $(B)/tests/escape/drive_hostile
