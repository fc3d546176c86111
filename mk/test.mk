# Tests.  tests/run runs everything and ends with one line of counts.
# What follows the set-up runs in a make of its own: see mk/deps.mk.
export B CI

## make test             build and run every test (most of them need root)
test: deps $(B)/.deps-pump $(B)/.deps-identity \
    $(if $(CI),$(B)/.deps-lint $(B)/.deps-vm)
	@$(MAKE) --no-print-directory WERROR=1 test-programs
	@$(MAKE) --no-print-directory test-run
test-programs: all $(UNIT_TESTS)
test-run:
	@UNIT_TESTS='$(UNIT_TESTS)' MAKE='$(MAKE)' tests/run

## make check            unit tests and corpus replay only; no root, seconds
check: deps
	@$(MAKE) --no-print-directory WERROR=1 test-programs
	@UNIT_TESTS='$(UNIT_TESTS)' MAKE='$(MAKE)' tests/run unit fuzz-replay

## make unit             the unit tests alone
unit: $(UNIT_TESTS)
	@UNIT_TESTS='$(UNIT_TESTS)' MAKE='$(MAKE)' tests/run unit

## make asan             unit tests under ASan and UBSan, in build/asan
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
asan: deps
	@$(MAKE) --no-print-directory B=$(B)/asan OPT='-O1 -g' HARDEN= \
	    SAN='$(SANITIZE)' unit

## make lint             scripts, man pages, spelling, C
lint: $(B)/.deps-lint $(B)/.deps-build
	@tests/lint

## make analyze          gcc -fanalyzer over everything, in build/analyze
analyze: deps
	@$(MAKE) --no-print-directory B=$(B)/analyze WERROR=1 \
	    OPT='-O1 -g -fanalyzer' all

## make identity         objects of whole Debian packages against local ones
identity: deps $(B)/.deps-pump $(B)/.deps-identity
	@$(MAKE) --no-print-directory all
	@tests/compat/identity

## make faults           a fault at every set-up system call: an hour
faults: deps
	@$(MAKE) --no-print-directory test-programs
	@tests/escape/faults.py --jobs 4

## make mutations        takes out each layer, to see who notices: writes the
##                       table in docs/threat-model.md; an hour
mutations: deps
	@$(MAKE) --no-print-directory test-programs
	@tests/escape/mutate.py --write

## make firewall-mutations   takes out each rule of nftables/immure.nft, to see
##                       which test notices; root, some minutes
firewall-mutations: deps
	@$(MAKE) --no-print-directory test-programs
	@tests/firewall/rules mutations

## make demo [DEMO=dir] [MODE=user]  build a tree through a jailed node, and look
##                       at it; as root MODE=user shows an ordinary user's node
demo: deps
	@sh mk/deps pump || echo "demo: going on without pump mode" >&2
	@$(MAKE) --no-print-directory all
	@MODE=$(MODE) tests/demo/demo $(if $(DEMO),'$(DEMO)')

.PHONY: test test-programs test-run check unit asan lint analyze \
	identity demo faults mutations firewall-mutations
