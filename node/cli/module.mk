# What a client of a node is made of: no daemon has it.
$(call library,ask,$(addprefix node/cli/,host_spec.c host_list.c job_ask.c \
	job_reply.c object_facts.c node_toolchains.c name_lookup.c dial.c \
	talk.c run_program.c ask_node.c) node/auditor/escape.c)
# immure: the command people type.
$(call program,immure,node/relay/socket_path.c $(addprefix node/cli/,immure.c cmd_check.c check_facts.c check_node.c \
	check_bound.c \
	check_outside.c check_outside_print.c \
	control_ask.c cmd_control.c cmd_selftest.c selftest_node.c \
	selftest_acts.c selftest_jobs.c selftest_compile.c selftest_roles.c \
	selftest_print.c proc_status.c \
	check_groups.c check_layers.c check_trip.c check_weaker.c cmd_config.c config_default.c daemon_settings.c \
	cmd_firewall.c firewall_diff.c firewall_group.c firewall_nft.c firewall_print.c cmd_explain.c \
	explain_family.c explain_print.c explain_json.c cmd_hosts.c cmd_probe.c \
	probe_host.c probe_job.c probe_compilers.c probe_client.c probe_pump.c \
	probe_print.c probe_json.c cmd_toolchains.c cmd_version.c \
	cmd_help.c) \
	$(addprefix node/monitor/,allow_names.c look_up.c resolve.c) \
	gen/firewall_rules.c node/common/install_dir.c gen/filter_job_trip.c,ask lsm common wire jail config sandbox options toolchain,jansson inih lzo2)

# The rules, as a string.
$(B)/gen/firewall_rules.c: nftables/immure.nft
	@mkdir -p $(@D)
	$(call say,TEXT,$@){ echo '#include "node/cli/firewall.h"'; \
	    echo 'const char firewall_rules[] ='; \
	    sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $<; echo ';'; } >$@

$(call unit_test,test_install_dir,tests/unit/test_install_dir.c node/common/install_dir.c)
$(call unit_test,test_check,tests/unit/test_check.c node/cli/check_layers.c \
	node/cli/check_trip.c node/cli/check_facts.c gen/filter_job_trip.c,jail sandbox)
$(call unit_test,test_check_bound,tests/unit/test_check_bound.c node/cli/check_bound.c,config sandbox,inih)
$(call unit_test,test_proc_status,tests/unit/test_proc_status.c node/cli/proc_status.c)
$(call unit_test,test_host_spec,tests/unit/test_host_spec.c,ask)
$(call unit_test,test_job_reply,tests/unit/test_job_reply.c node/common/limit_rows.c,ask wire,lzo2)
$(call unit_test,test_object_facts,tests/unit/test_object_facts.c,ask)
$(call unit_test,test_node_toolchains,tests/unit/test_node_toolchains.c,ask,jansson)
$(call fuzz_target,host_spec,tests/fuzz/fuzz_host_spec.c node/cli/host_spec.c,\
	node/cli/host_spec.c)
$(call fuzz_target,job_reply,tests/fuzz/fuzz_job_reply.c node/cli/job_reply.c \
	node/wire/token.c,node/cli/job_reply.c,lzo2)
$(call fuzz_target,object_facts,tests/fuzz/fuzz_object_facts.c \
	node/cli/object_facts.c,node/cli/object_facts.c)
$(call fuzz_target,node_toolchains,tests/fuzz/fuzz_node_toolchains.c \
	node/cli/node_toolchains.c,node/cli/node_toolchains.c,jansson)
