# Fuzz targets.  A module.mk calls
#   $(call fuzz_target,NAME,SOURCES,COVERED,PKGS)  SOURCES: tests/fuzz/fuzz_NAME.c
#                        and what it needs; COVERED: those of them whose lines
#                        the corpus must reach; PKGS: for pkg-config
#   $(call fuzz_seed,NAME,SOURCE,SED)  a one-line bug (no comma in it) which
#                        the fuzzing of NAME must find when it is put in SOURCE
# Corpora: tests/fuzz/corpus/NAME/, small files.
#
## make fuzz [T=60] [F=NAME]  fuzz for T seconds a target (clang, libFuzzer)
## make fuzz-replay [F=NAME]  run the corpora under ASan and UBSan, and check
##                            that they reach 90 % of the lines (gcc, gcov)
## make fuzz-seeded           does the fuzzing find a bug that is put there?
T ?= 60
FUZZ_CC ?= clang
FUZZ_MIN ?= 90
FO := $(B)/fuzz-obj
FUZZ_CFLAGS = -std=gnu11 -g -fno-omit-frame-pointer -fno-strict-aliasing $(WARN)
FUZZ_SAN := -fsanitize=address,undefined -fno-sanitize-recover=all
# musl has no ASan: there the replay only counts lines.  Asked once, when used.
REPLAY_SAN = $(eval REPLAY_SAN := $(shell mkdir -p $(B); { \
	echo 'int main(void){return 0;}' | $(CC) -x c $(FUZZ_SAN) -o $(B)/.san - \
	&& $(abspath $(B))/.san; } 2>/dev/null && echo '$(FUZZ_SAN)'))$(REPLAY_SAN)
FUZZ_RUN = tests/fuzz/run.sh
fuzz_pkg = $(if $(strip $(2)),$$$$($(PKG_CONFIG) $(1) $(2)))

define fuzz_target_
$(FO)/clang/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(FUZZ_CC) $$(CPPFLAGS) $$(FUZZ_CFLAGS) -O1 -fsanitize=fuzzer-no-link \
	    $$(FUZZ_SAN) $(call fuzz_pkg,--cflags,$(4)) -MMD -MP -c -o $$@ $$<
$(FO)/clang/$(1)/run: $(patsubst %.c,$(FO)/clang/$(1)/%.o,$(2))
	$$(call say,LINK,$$@)$$(FUZZ_CC) -fsanitize=fuzzer $$(FUZZ_SAN) -o $$@ $$^ \
	    $(call fuzz_pkg,--libs,$(4))

$(FO)/replay/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(CPPFLAGS) $$(FUZZ_CFLAGS) -O0 --coverage $$(REPLAY_SAN) \
	    $(call fuzz_pkg,--cflags,$(4)) -MMD -MP -c -o $$@ $$<
$(FO)/replay/$(1)/run: $(patsubst %.c,$(FO)/replay/$(1)/%.o,\
		$(2) tests/fuzz/replay_main.c)
	$$(call say,LINK,$$@)$$(CC) --coverage $$(REPLAY_SAN) -o $$@ $$^ $(call fuzz_pkg,--libs,$(4))

.PHONY: fuzz-$(1) fuzz-replay-$(1)
fuzz-$(1): $(FO)/clang/$(1)/run
	@$$(FUZZ_RUN) fuzz $(1) $$< $(B)/fuzz/$(1) $$(T)
fuzz-replay-$(1): $(FO)/replay/$(1)/run
	@REPLAY_SAN='$$(REPLAY_SAN)' $$(FUZZ_RUN) replay $(1) $$< $$(FUZZ_MIN) $(3)
ifeq ($(or $(F),$(1)),$(1))
fuzz: fuzz-$(1)
fuzz-replay: fuzz-replay-$(1)
endif
FUZZ_SOURCES_$(1) := $(2)
FUZZ_PKGS_$(1) := $(4)
endef
fuzz_target = $(eval $(call fuzz_target_,$(strip $(1)),$(strip $(2)),$(strip $(3)),$(strip $(4))))

# The target's objects, but for SOURCE, of which a changed copy is compiled.
# Quoted includes are looked for beside the original.
define fuzz_seed_
$(FO)/seeded/$(1)/$(2): $(2)
	@mkdir -p $$(@D)
	$$(call say,SEED,$$@)sed '$(3)' $$< >$$@
	@! cmp -s $$< $$@ || { echo "fuzz_seed $(1): no line changed" >&2; exit 1; }
$(FO)/seeded/$(1)/run: $(FO)/seeded/$(1)/$(2) $(patsubst %.c,\
		$(FO)/clang/$(1)/%.o,$(filter-out $(2),$(FUZZ_SOURCES_$(1))))
	$$(call say,LINK,$$@)$$(FUZZ_CC) $$(CPPFLAGS) -iquote $(dir $(2)) $$(FUZZ_CFLAGS) -O1 \
	    -fsanitize=fuzzer $$(FUZZ_SAN) -o $$@ $$^ \
	    $(call fuzz_pkg,--libs,$(FUZZ_PKGS_$(1)))
.PHONY: fuzz-seeded-$(1)
fuzz-seeded-$(1): $(FO)/seeded/$(1)/run
	@$$(FUZZ_RUN) seeded $(1) $$< $(FO)/seeded/$(1) 300
fuzz-seeded: fuzz-seeded-$(1)
endef
fuzz_seed = $(eval $(call fuzz_seed_,$(strip $(1)),$(strip $(2)),$(strip $(3))))

.PHONY: fuzz fuzz-replay fuzz-seeded
-include $(shell find $(FO) -name '*.d' 2>/dev/null)
