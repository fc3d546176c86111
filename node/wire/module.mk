# What goes over the wire: pure parsers, no system call.
$(call library,wire,$(addprefix node/wire/,token.c frame.c request.c \
	request_path.c reply.c lzo_text.c))
