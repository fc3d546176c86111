# immure-broker: decides, queues, answers, records.
$(call policy,node/broker/broker.policy)
$(call library,broker,$(addprefix node/broker/,budget.c job_done.c place.c \
	query_text.c repeat.c share.c stats.c))
$(call program,libexec/immure-broker,$(addprefix node/broker/,broker.c job.c decide.c dispatch.c refuse.c answer.c tell.c record.c record_conn.c status.c query.c) node/monitor/acl.c gen/filter_broker.c,broker options wire plan toolchain common sandbox,libsodium)
$(call unit_test,test_budget,tests/unit/test_budget.c,broker common)
$(call unit_test,test_job_done,tests/unit/test_job_done.c,broker common)
$(call unit_test,test_repeat,tests/unit/test_repeat.c,broker common)
$(call unit_test,test_share,tests/unit/test_share.c,broker common)
$(call unit_test,test_stats,tests/unit/test_stats.c,broker common)
$(call unit_test,test_record_conn,tests/unit/test_record_conn.c node/broker/record_conn.c,broker wire common,libsodium)
$(call unit_test,test_place,tests/unit/test_place.c,broker common)
$(call unit_test,test_tell,tests/unit/test_tell.c node/broker/tell.c,common,libsodium)
$(call unit_test,test_query,tests/unit/test_query.c,broker toolchain common)
