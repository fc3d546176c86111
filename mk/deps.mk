# Set-up (mk/packages.txt, mk/deps).  `make demo` and `make test` begin with
# it; what follows runs in a make of its own, because pkg-config and the
# compiler may not have been there when this one read its files.
## make deps             install what the build, the tests and the demo need
deps: $(B)/.deps-build $(B)/.deps-test
$(B)/.deps-%: mk/packages.txt mk/deps
	@mkdir -p $(@D)
	@sh mk/deps $*
	@touch $@
.PHONY: deps
