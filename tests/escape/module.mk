# The compiler that is an attack: static, it must start in an empty root.
# Among test-programs, not among PROGRAMS, which are installed.
$(B)/tests/escape/attacker: tests/escape/attacker.c \
	tests/escape/attacker_pairs.c tests/escape/attacker_calls.h \
	tests/escape/attacker_pairs.h
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CPPFLAGS) -std=gnu11 $(OPT) $(WARN) -static -o $@ $(filter %.c,$^)
test-programs: $(B)/tests/escape/attacker

# Fails a system call of a slot; what stands in the compiler's place then.
$(call program,tests/escape/fault,tests/escape/fault.c,,libseccomp)
$(B)/tests/escape/witness: $(patsubst %.c,$(B)/stage/%.o,\
		tests/escape/witness.c $(STAGE_PROBE))
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(STAGE_CC) $(STAGE_CFLAGS) -static -o $@ $^
PROGRAMS += $(B)/tests/escape/witness
