# immure-imager: finds toolchains and makes their images; immure-runner: its
# jails; stage-try: what it runs in them.
$(call policy,node/imager/imager.policy)
# Pure, or reading names only: what the unit tests link.
$(call library,imager,$(addprefix node/imager/,elf.c \
	compiler_says.c owner.c ld_path.c manifest.c contents.c copy.c wish.c checked.c checked_parse.c))
IMAGER_SOURCES := $(addprefix node/imager/,imager.c scan.c program.c \
	find.c identify.c listed.c specs.c report.c build.c gather.c gather_inc.c closure.c run.c \
	self_check.c table_build.c watch.c list.c list_print.c) \
	gen/filter_imager.c
$(call program,libexec/immure-imager,$(IMAGER_SOURCES),imager toolchain common sandbox,libsodium jansson)
$(call program,libexec/immure-runner,node/imager/runner_main.c,jail common \
	sandbox,)
$(call stage,try,node/imager/try.c,)

$(call unit_test,test_elf,tests/unit/test_elf.c,imager,libsodium)
$(call unit_test,test_compiler,tests/unit/test_compiler.c,imager toolchain,libsodium)
$(call unit_test,test_image,tests/unit/test_image.c,imager common sandbox,libsodium)
$(call unit_test,test_wish,tests/unit/test_wish.c,imager common sandbox,libsodium)
$(call unit_test,test_checked,tests/unit/test_checked.c,imager common sandbox,libsodium)
$(call unit_test,test_runner,tests/unit/test_runner.c,jail common sandbox,)
$(call fuzz_target,elf,tests/fuzz/fuzz_elf.c node/imager/elf.c,node/imager/elf.c)
$(call fuzz_target,checked,tests/fuzz/fuzz_checked.c node/imager/checked_parse.c,node/imager/checked_parse.c)
$(call fuzz_target,compiler_says,tests/fuzz/fuzz_compiler_says.c node/imager/compiler_says.c node/toolchain/compiler_name.c,node/imager/compiler_says.c node/toolchain/compiler_name.c)
