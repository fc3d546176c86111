$(call library,toolchain,$(addprefix node/toolchain/,table.c \
	compiler_name.c))
$(call unit_test,test_table,tests/unit/test_table.c,toolchain,)
$(call fuzz_target,table,tests/fuzz/fuzz_table.c node/toolchain/table.c,node/toolchain/table.c)
