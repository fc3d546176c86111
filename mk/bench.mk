# Speed, beside the bare compiler's and stock distccd's in the same run
# (tests/bench/bench).  What was measured is no test's business: people look at
# the figures.
## make bench [QUICK=1]  times beside distccd's, in the same run: a table, and
##                       build/bench.json; half an hour, QUICK=1 a minute
## make bench-build      whole builds: a kernel, C++, CMake; some hours, QUICK=1
##                       without the kernel
## make bench-scale      three nodes beside one; ten thousand idle connections
## make bench-doc        writes docs/performance.md from the last runs' figures
bench-programs: all $(BENCH)
bench: deps $(B)/.deps-bench $(B)/.deps-pump
	@$(MAKE) --no-print-directory bench-programs
	@tests/bench/bench $(if $(QUICK),--quick)
bench-build: deps $(B)/.deps-bench $(B)/.deps-bench-build $(B)/.deps-pump
	@$(MAKE) --no-print-directory bench-programs
	@tests/bench/bench-build $(if $(QUICK),--quick)
bench-scale: deps $(B)/.deps-bench
	@$(MAKE) --no-print-directory bench-programs
	@tests/bench/bench-scale
bench-doc: $(B)/.deps-bench
	@tests/bench/doc
.PHONY: bench bench-build bench-scale bench-doc bench-programs
