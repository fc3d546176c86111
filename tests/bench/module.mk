# What times one thing for the driver (tests/bench/bench); coprocess.h says how.
BENCH := $(addprefix $(B)/tests/bench/,spawn ask cell filter first)
bench_program = $(call program_,tests/bench/$(1),$(2),$(3),$(4))
$(eval $(call bench_program,spawn,tests/bench/spawn.c tests/bench/coprocess.c))
$(eval $(call bench_program,ask,tests/bench/ask.c tests/bench/coprocess.c))
$(eval $(call bench_program,filter,tests/bench/filter.c gen/filter_job.c))
$(eval $(call bench_program,cell,tests/bench/cell.c tests/bench/coprocess.c \
	tests/escape/drive.c,plan common sandbox,lzo2))
$(B)/tests/bench/first: $(patsubst %.c,$(B)/stage/%.o,tests/bench/first.c)
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(STAGE_CC) $(STAGE_CFLAGS) -static -o $@ $^
test-programs: $(BENCH)
