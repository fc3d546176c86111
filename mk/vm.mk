# Tests on other kernels, emulated: tests/vm/vm.sh.

## make vm-test          a node on kernels of their own, under QEMU (tests/vm)
vm-test: deps $(B)/.deps-vm $(B)/.deps-pump
	@$(MAKE) --no-print-directory test-programs
	@UNIT_TESTS='$(UNIT_TESTS)' MAKE='$(MAKE)' tests/run \
	    $(sort $(wildcard tests/vm/*.bats))

## make vm-lock          the newest packages for their guests (tests/vm/lock)
vm-lock:
	@for lock in tests/vm/lock/*.txt; do \
	    tests/vm/debs renew $$(basename $$lock .txt) || exit; done

.PHONY: vm-test vm-lock
