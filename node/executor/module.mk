$(call unit_test,test_memfd,tests/unit/test_memfd.c node/common/memfd.c)
