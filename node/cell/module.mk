# The plan of a cell.  Stages list node/cell/plan.c alone: no allocation there.
$(call library,plan,node/cell/plan.c node/cell/plan_write.c)

# The stages of a cell, copied into every image as /.immure/.stage/NAME.
$(call policy,node/cell/unpack.policy)
$(call policy,node/cell/pack.policy)
STAGE_MSG := node/cell/stage.c node/common/message.c node/common/fd.c \
	sandbox/filter.c
# As lists: tests/outer links them too.
UNPACK_SOURCES := node/cell/unpack.c node/cell/unpack_place.c \
	node/cell/plan.c gen/filter_unpack.c $(STAGE_MSG)
$(call stage,unpack,$(UNPACK_SOURCES),$(STAGE_LZO))
PACK_SOURCES := node/cell/pack.c gen/filter_pack.c $(STAGE_MSG)
$(call stage,pack,$(PACK_SOURCES),$(STAGE_LZO))
STAGE_PROBE := $(wildcard sandbox/probe*.c)
LAUNCH_SOURCES := node/cell/launch.c node/cell/stage.c node/cell/plan.c \
	$(STAGE_PROBE)
$(call stage,launch,$(LAUNCH_SOURCES))
PROBE_SOURCES := node/cell/probe_main.c node/cell/stage.c $(STAGE_PROBE)
$(call stage,probe,$(PROBE_SOURCES))
$(call unit_test,test_plan,tests/unit/test_plan.c,plan,)
