# immure: the command people type.
$(call program,immure,$(addprefix node/cli/,immure.c cmd_check.c check_facts.c \
	check_layers.c check_weaker.c cmd_toolchains.c cmd_version.c cmd_help.c) \
	node/common/install_dir.c,jail sandbox,jansson)

$(call unit_test,test_install_dir,tests/unit/test_install_dir.c node/common/install_dir.c)
$(call unit_test,test_check,tests/unit/test_check.c node/cli/check_layers.c \
	node/cli/check_facts.c,jail sandbox)
