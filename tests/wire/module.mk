# A client for the other tests; not among PROGRAMS, which are installed.
$(eval $(call program_,tests/wire/send_request,$(addprefix tests/wire/,\
	send_request.c compose.c converse.c),wire,lzo2))
test-programs: $(B)/tests/wire/send_request
