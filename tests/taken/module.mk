# Roles that are taken over: each genuine role's objects, with hostile.c in
# front of its messages and its filter.  Among PROGRAMS, and not installed.
TAKEN_WRAP := -Wl,--wrap=msg_send,--wrap=msg_recv,--wrap=msg_recv_wait \
	-Wl,--wrap=filter_install,--wrap=close_range,--wrap=write

# $(call taken,ROLE,SOURCES,LIBS,PKGS)
taken = $(call program,tests/taken/immure-$(1),tests/taken/hostile.c $(2),$(3),$(4))$(eval $(B)/tests/taken/immure-$(1): LDFLAGS_ALL += $(TAKEN_WRAP))
$(call taken,front,$(FRONT_SOURCES),wire common sandbox)
$(call taken,broker,$(BROKER_SOURCES),broker options wire plan toolchain \
	common sandbox,libsodium)
$(call taken,auditor,node/auditor/auditor.c node/auditor/sink.c \
	$(AUDITOR_PURE) gen/filter_auditor.c,common sandbox calls,jansson)
$(call taken,status,$(addprefix node/status/,status.c page.c) \
	gen/filter_status.c,common sandbox)
$(call taken,executor,$(EXECUTOR_SOURCES),common sandbox calls toolchain)
$(call taken,zygote,tests/taken/hostile_cell.c $(ZYGOTE_SOURCES),common \
	sandbox toolchain)
$(B)/tests/taken/immure-zygote: LDFLAGS_ALL += -Wl,--wrap=cell_main
$(call taken,imager,$(IMAGER_SOURCES),imager toolchain common sandbox,\
	libsodium jansson)

$(B)/tests/taken/fast_clock.so: tests/taken/fast_clock.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CPPFLAGS) -std=gnu11 $(OPT) $(WARN) -fPIC \
	    -shared -o $@ $<
test-programs: $(B)/tests/taken/fast_clock.so
