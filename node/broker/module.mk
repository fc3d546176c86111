# immure-broker: decides, queues, answers, records.
$(call policy,node/broker/broker.policy)
$(call library,broker,$(addprefix node/broker/,brake.c budget.c job_done.c \
	memory.c place.c query_text.c repeat.c share.c shed.c stats.c))
BROKER_SOURCES := $(addprefix node/broker/, \
	broker.c job.c decide.c dispatch.c refuse.c answer.c tell.c record.c record_conn.c \
	reserve.c status.c query.c) node/common/acl.c gen/filter_broker.c
$(call program,libexec/immure-broker,$(BROKER_SOURCES),broker options wire plan toolchain common sandbox,libsodium)
$(call unit_test,test_brake,tests/unit/test_brake.c,broker common)
$(call unit_test,test_budget,tests/unit/test_budget.c,broker common)
$(call unit_test,test_reserve,tests/unit/test_reserve.c node/broker/reserve.c,broker common,libsodium)
$(call unit_test,test_job_done,tests/unit/test_job_done.c,broker common)
$(call unit_test,test_memory,tests/unit/test_memory.c,broker common)
$(call unit_test,test_repeat,tests/unit/test_repeat.c,broker common)
$(call unit_test,test_share,tests/unit/test_share.c,broker common)
$(call unit_test,test_stats,tests/unit/test_stats.c,broker common)
$(call unit_test,test_record_conn,tests/unit/test_record_conn.c node/broker/record_conn.c,broker wire common,libsodium)
$(call unit_test,test_place,tests/unit/test_place.c,broker common)
$(call unit_test,test_tell,tests/unit/test_tell.c node/broker/tell.c,common,libsodium)
$(call unit_test,test_requeue,tests/unit/test_requeue.c $(addprefix node/broker/,dispatch.c job.c reserve.c),broker options wire common,libsodium)
$(call unit_test,test_query,tests/unit/test_query.c,broker toolchain common)
