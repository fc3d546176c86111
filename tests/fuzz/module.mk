# Targets, and a bug for each of three to show that they find one.
$(call fuzz_target,frame,tests/fuzz/fuzz_frame.c $(addprefix node/wire/,\
	frame.c token.c request.c request_path.c) node/common/limit_rows.c,\
	node/wire/frame.c node/wire/token.c)
$(call fuzz_target,request,tests/fuzz/fuzz_request.c $(addprefix node/wire/,\
	request.c request_path.c token.c),\
	node/wire/request.c node/wire/request_path.c)
$(call fuzz_target,plan,tests/fuzz/fuzz_plan.c node/cell/plan.c \
	node/cell/plan_write.c,node/cell/plan.c)
$(call fuzz_target,lzo_text,tests/fuzz/fuzz_lzo_text.c node/wire/lzo_text.c,\
	node/wire/lzo_text.c,lzo2)

# A header takes a byte more than it has when it comes in one read.
$(call fuzz_seed,frame,node/wire/frame.c,s/WIRE_TOKEN - f->tok_have/1 + &/)
# A string may end one byte behind the heads.
$(call fuzz_seed,request,node/wire/request.c,s/n > c->left/n > c->left + 1/)
# The strings of the last item may.
$(call fuzz_seed,plan,node/cell/plan.c,s/need > room/need > room + 1/)
