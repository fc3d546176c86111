# Tests on other kernels, emulated.  Not part of `make test`.

## make vm-smoke         a node on the oldest kernel promised, in QEMU
vm-smoke: deps $(B)/.deps-vm
	@$(MAKE) --no-print-directory all $(B)/tests/wire/send_request \
	    $(B)/tests/escape/attacker
	@tests/vm/smoke

.PHONY: vm-smoke
