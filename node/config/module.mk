# Settings: command line, configuration file, environment.
CONFIG_SOURCES := $(addprefix node/config/,setting_rows.c setting_set.c \
	setting_show.c config_text.c firewall.c settings.c environment.c carry.c) \
	$(addprefix node/toolchain/,alias.c compiler_name.c target.c) \
	node/common/limit_rows.c node/common/peer.c
CMDLINE_SOURCES := node/monitor/cmdline.c node/common/acl.c \
	$(addprefix node/config/,setting_rows.c setting_set.c setting_show.c) \
	node/common/limit_rows.c
$(B)/obj/node/monitor/cmdline.o: CPPFLAGS += -DIMMURE_TRIPLE='"$(shell $(CC) -dumpmachine)"'
$(call library,config,node/monitor/cmdline.c node/common/acl.c $(CONFIG_SOURCES))

$(call unit_test,test_config,tests/unit/test_config.c,config sandbox,inih)
$(call fuzz_target,config,tests/fuzz/fuzz_config.c $(CMDLINE_SOURCES) node/config/config_text.c node/config/firewall.c node/common/peer.c $(addprefix node/toolchain/,alias.c compiler_name.c target.c) sandbox/layers.c sandbox/landlock.c sandbox/user_mode.c,node/config/config_text.c node/config/firewall.c node/config/setting_set.c node/config/setting_show.c,inih)
$(call program,tests/cli/limits_page,tests/cli/limits_page.c,config sandbox,inih)
