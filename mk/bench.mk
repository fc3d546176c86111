# Speed, beside the bare compiler's and stock distccd's in the same run
# (tests/bench/bench).  What was measured is no test's business: people look at
# the figures.
## make bench [QUICK=1]  times beside distccd's, in the same run: a table, and
##                       build/bench.json; half an hour, QUICK=1 a minute
## make bench-doc        writes docs/performance.md from the last runs' figures
bench-programs: all $(BENCH)
bench: deps $(B)/.deps-bench $(B)/.deps-pump
	@$(MAKE) --no-print-directory bench-programs
	@tests/bench/bench $(if $(QUICK),--quick)
bench-doc: $(B)/.deps-bench
	@tests/bench/doc
.PHONY: bench bench-doc bench-programs
