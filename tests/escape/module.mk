# The compiler that is an attack: static, it must start in an empty root; and the
# same with a loader.  evil.so is in both of them.
# Among test-programs, not among PROGRAMS, which are installed.
ATTACKER = tests/escape/attacker.c tests/escape/attacker_pairs.c \
	tests/escape/attacker_more.c tests/escape/attacker_resources.c
ATTACKER_CC = $(CC) $(CPPFLAGS) -std=gnu11 $(OPT) $(WARN) \
	-DEVIL_SO='"$(B)/tests/escape/evil.so"'
$(B)/tests/escape/evil.so: tests/escape/evil.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -std=gnu11 $(OPT) -shared -fPIC -o $@ $<
$(B)/tests/escape/attacker $(B)/tests/escape/attacker-shared: $(ATTACKER) \
	tests/escape/attacker.h tests/escape/attacker_calls.h \
	tests/escape/attacker_pairs.h $(B)/tests/escape/evil.so
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(ATTACKER_CC) \
	    $(if $(filter %-shared,$@),,-static) -o $@ $(ATTACKER)
test-programs: $(B)/tests/escape/attacker $(B)/tests/escape/attacker-shared

$(B)/tests/escape/every_call: tests/escape/every_call.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CPPFLAGS) -std=gnu11 $(OPT) $(WARN) -static -o $@ $<
test-programs: $(B)/tests/escape/every_call

# Fails a system call of a slot; what stands in the compiler's place then.
$(call program,tests/escape/fault,tests/escape/fault.c,,libseccomp)
$(B)/tests/escape/witness: $(patsubst %.c,$(B)/stage/%.o,\
		tests/escape/witness.c $(STAGE_PROBE))
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(STAGE_CC) $(STAGE_CFLAGS) -static -o $@ $^
PROGRAMS += $(B)/tests/escape/witness
