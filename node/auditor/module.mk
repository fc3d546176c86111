# The auditor: writes records.  jansson is mapped here and nowhere else.
AUDITOR_PURE := $(addprefix node/auditor/,escape.c record.c job_line.c job_json.c)
$(call policy,node/auditor/auditor.policy)
$(call program,libexec/immure-auditor,node/auditor/auditor.c \
	node/auditor/sink.c $(AUDITOR_PURE) gen/filter_auditor.c,\
	common sandbox calls,jansson)

$(call unit_test,test_escape,tests/unit/test_escape.c node/auditor/escape.c)
$(call unit_test,test_record,tests/unit/test_record.c $(AUDITOR_PURE),\
	common sandbox calls,jansson)
$(call unit_test,test_sink,tests/unit/test_sink.c node/auditor/sink.c)
$(call fuzz_target,escape,tests/fuzz/fuzz_escape.c node/auditor/escape.c,node/auditor/escape.c)
# Starts the program itself.
$(call unit_test,test_auditor,tests/unit/test_auditor.c,common sandbox)
