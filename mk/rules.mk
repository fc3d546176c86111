# Module fragments (*/module.mk, */*/module.mk) call these:
#   $(call library,NAME,SOURCES)              build/lib/NAME.a
#   $(call program,PATH,SOURCES,LIBS,PKGS)    build/PATH, linked with the
#                        internal libraries LIBS (in link order) and what
#                        pkg-config says of PKGS; sources see PKGS' cflags
#   $(call unit_test,NAME,SOURCES,LIBS,PKGS)  build/tests/unit/NAME (cmocka)
#   $(call policy,FILE.policy)                build/gen/filter_NAME.c; list the
#                        result in a program's SOURCES as gen/filter_NAME.c
#   $(call stage,NAME,SOURCES,LDLIBS)         build/libexec/stage-NAME: static
# Fuzz targets: $(call fuzz_target,NAME,SOURCES,COVERED-SOURCES), mk/test.mk.
PROGRAMS :=
NEEDED := lzo2
UNIT_TESTS :=
empty :=
comma := ,
# A recipe begins with $(call say,WORD,FILE): make tells what it does in one
# short line; V=1 shows the commands instead, -s nothing.
say = $(if $(filter 1,$(V)),,@$(if $(findstring s,$(firstword \
	-$(MAKEFLAGS))),,printf '  %-8s%s\n' $(1) $(2);))
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))

define library_
$(B)/lib/$(1).a: $(call obj,$(2))
	@mkdir -p $$(@D)
	$$(call say,AR,$$@)rm -f $$@ && $$(AR) rcs $$@ $$^
endef
library = $(eval $(call library_,$(strip $(1)),$(2)))

define program_
$(B)/$(1): $(call obj,$(2)) $(patsubst %,$(B)/lib/%.a,$(3))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$$(CC) $$(CFLAGS_ALL) $$(LDFLAGS_ALL) -o $$@ $$(filter %.o,$$^) \
	    $$(filter %.a,$$^) $(if $(strip $(4)),$$$$($$(PKG_CONFIG) --libs $(4)))
endef
program = $(eval $(call program_,$(strip $(1)),$(2),$(3),$(4)))$(eval PROGRAMS += $(B)/$(strip $(1)))$(eval NEEDED += $(4))
unit_test = $(eval $(call program_,tests/unit/$(strip $(1)),$(2),$(3),cmocka $(4)))$(eval UNIT_TESTS += $(B)/tests/unit/$(strip $(1)))

$(B)/obj/%.o: %.c | $(B)/.can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP \
	    -MF $(@:.o=.d) -MT $@ -c -o $@ $<
$(B)/obj/gen/%.o: $(B)/gen/%.c | $(B)/.can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP \
	    -MF $(@:.o=.d) -MT $@ -c -o $@ $<

define policy_
$(B)/gen/filter_$(subst -,_,$(basename $(notdir $(1)))).c: $(1) $(wildcard $(dir $(1))*.policy) $(B)/policy_compile
	@mkdir -p $$(@D)
	$$(call say,FILTER,$$@)$(B)/policy_compile $(1) $$@
endef
# Several modules may ask for the same policy: one rule.
POLICIES :=
policy = $(if $(filter $(strip $(1)),$(POLICIES)),,$(eval POLICIES += \
	$(strip $(1)))$(eval $(call policy_,$(strip $(1)))))

# Stages run in every cell: static, and with a libc whose start-up is short
# (glibc's asks CPUID some 37 times, 17 µs each on some virtual machines).
STAGE_CC ?= $(shell command -v musl-gcc 2>/dev/null || echo $(CC))
# Kernel headers for musl-gcc, which looks nowhere but in musl's own directory.
STAGE_INC := $(if $(findstring musl-gcc,$(STAGE_CC)),-idirafter /usr/include \
	-idirafter /usr/include/$(shell $(CC) -dumpmachine 2>/dev/null))
STAGE_CFLAGS = -std=gnu11 $(OPT) -fstack-protector-strong -fPIE \
	-fno-strict-aliasing -fvisibility=hidden $(WARN) -Wno-conversion \
	-Wno-sign-conversion $(STAGE_INC)
# Debian's musl-gcc takes -static-pie and makes a dynamic program of it, so
# start files are named here.  -z text: no relocation may need writable code.
STAGE_MUSL := $(if $(findstring musl-gcc,$(STAGE_CC)),$(firstword $(wildcard \
	/usr/lib/$(subst -gnu,-musl,$(shell $(CC) -dumpmachine 2>/dev/null)) /usr/lib/musl/lib)))
STAGE_LINK := $(if $(STAGE_MUSL),-static -Wl$(comma)-pie \
	-Wl$(comma)--no-dynamic-linker -nostartfiles $(STAGE_MUSL)/rcrt1.o \
	$(STAGE_MUSL)/crti.o,-static-pie)
STAGE_END := $(if $(STAGE_MUSL),$(STAGE_MUSL)/crtn.o)
# A library that is not musl's own but needs no more than string.h.
STAGE_LZO := $(shell $(CC) -print-file-name=liblzo2.a 2>/dev/null)
define stage_
$(B)/libexec/stage-$(1): $(patsubst %.c,$(B)/stage/%.o,$(2))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)$$(STAGE_CC) $$(STAGE_CFLAGS) $$(STAGE_LINK) -Wl,-z,text \
	    -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code \
	    -o $$@ $$(filter %.o,$$^) $(3) $$(STAGE_END)
endef
stage = $(eval $(call stage_,$(strip $(1)),$(2),$(3)))$(eval PROGRAMS += $(B)/libexec/stage-$(strip $(1)))
$(B)/stage/%.o: %.c | $(B)/.can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)$(STAGE_CC) $(CPPFLAGS) $(STAGE_CFLAGS) -MMD -MP \
	    -MF $(@:.o=.d) -MT $@ -c -o $@ $<
$(B)/stage/gen/%.o: $(B)/gen/%.c | $(B)/.can-build
	@mkdir -p $(@D)
	$(call say,CC,$<)$(STAGE_CC) $(CPPFLAGS) $(STAGE_CFLAGS) -MMD -MP \
	    -MF $(@:.o=.d) -MT $@ -c -o $@ $<

# What is missing is said once and by name, not as the first header that the
# compiler does not find.
$(B)/.can-build: mk/can-build
	@mkdir -p $(@D)
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' mk/can-build $(sort $(NEEDED))
	@touch $@

.SECONDARY:
.DELETE_ON_ERROR:
-include $(shell find $(B)/obj $(B)/stage -name '*.d' 2>/dev/null)
