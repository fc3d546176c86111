$(call library,toolchain,node/toolchain/table.c)
$(call unit_test,test_table,tests/unit/test_table.c,toolchain,)
$(call fuzz_target,table,tests/fuzz/fuzz_table.c node/toolchain/table.c,node/toolchain/table.c)
