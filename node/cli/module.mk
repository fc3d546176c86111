# immure: the command people type.
$(call unit_test,test_install_dir,tests/unit/test_install_dir.c node/common/install_dir.c)
