# What several roles share; one file a thing.
$(call library,common,$(addprefix node/common/,message.c fd.c memfd.c peer.c tops.c role.c install_dir.c by_hand.c limit_rows.c counts.c firewall_loaded.c))
# What is around the node, as its monitor and `immure` see it.
$(call library,lsm,$(addprefix node/common/,lsm.c lsm_domains.c lsm_label.c firewall_say.c))
$(call unit_test,test_lsm_label,tests/unit/test_lsm_label.c,lsm common)
$(call fuzz_target,lsm_label,tests/fuzz/fuzz_lsm_label.c node/common/lsm_label.c,\
	node/common/lsm_label.c)
$(call unit_test,test_message,tests/unit/test_message.c,common)
$(call unit_test,test_acl,tests/unit/test_acl.c node/common/acl.c)
$(call fuzz_target,acl,tests/fuzz/fuzz_acl.c node/common/acl.c,node/common/acl.c)
$(call unit_test,test_peer,tests/unit/test_peer.c,common)
$(call unit_test,test_tops,tests/unit/test_tops.c,common)
$(call unit_test,test_rate,tests/unit/test_rate.c)
$(call unit_test,test_limits,tests/unit/test_limits.c,common)
$(call unit_test,test_counts,tests/unit/test_counts.c,common)
