# What goes over the wire: pure parsers, no system call.
$(call library,wire,$(addprefix node/wire/,token.c frame.c request.c \
	request_path.c reply.c lzo_text.c drip.c))
$(call unit_test,test_frame,tests/unit/test_frame.c node/common/limit_rows.c,wire,)
$(call unit_test,test_request,tests/unit/test_request.c,wire,)
$(call unit_test,test_reply,tests/unit/test_reply.c,wire,lzo2)
$(call unit_test,test_drip,tests/unit/test_drip.c,wire,lzo2)
