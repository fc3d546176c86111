# immure-status: the page of distccd --stats.
$(call policy,node/status/status.policy)
$(call program,libexec/immure-status,$(addprefix node/status/,status.c page.c) gen/filter_status.c,common sandbox)
$(call unit_test,test_page,tests/unit/test_page.c node/status/page.c)
