$(call library,toolchain,$(addprefix node/toolchain/,table.c \
	compiler_name.c target.c choose.c alias.c headers.c))
$(call unit_test,test_table,tests/unit/test_table.c,toolchain,)
$(call fuzz_target,table,tests/fuzz/fuzz_table.c $(addprefix node/toolchain/,table.c compiler_name.c target.c choose.c alias.c) node/common/acl.c,node/toolchain/table.c)
$(call unit_test,test_choose,tests/unit/test_choose.c node/common/acl.c,toolchain common)
