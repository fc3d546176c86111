# The monitor: build/immured.
CMDLINE_SOURCES := node/monitor/cmdline.c node/monitor/acl.c
$(B)/obj/node/monitor/cmdline.o: CPPFLAGS += -DIMMURE_TRIPLE='"$(shell $(CC) -dumpmachine)"'

$(call unit_test,test_acl,tests/unit/test_acl.c node/monitor/acl.c)
$(call unit_test,test_cmdline,tests/unit/test_cmdline.c $(CMDLINE_SOURCES))
$(call unit_test,test_resolve,tests/unit/test_resolve.c node/monitor/resolve.c)
$(call fuzz_target,acl,tests/fuzz/fuzz_acl.c node/monitor/acl.c,node/monitor/acl.c)
$(call fuzz_target,cmdline,tests/fuzz/fuzz_cmdline.c $(CMDLINE_SOURCES),node/monitor/cmdline.c)
$(call policy,node/monitor/monitor.policy)
$(call program,immured,$(CMDLINE_SOURCES) $(addprefix node/monitor/,immured.c listen.c detach.c logs.c images.c layers.c clients.c children.c start.c resolve.c) gen/filter_monitor.c,common sandbox)
