# The compiler that is an attack: static, it must start in an empty root.
# Among test-programs, not among PROGRAMS, which are installed.
$(B)/tests/escape/attacker: tests/escape/attacker.c \
	tests/escape/attacker_calls.h
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) $(CPPFLAGS) -std=gnu11 $(OPT) $(WARN) -static -o $@ $<
test-programs: $(B)/tests/escape/attacker
