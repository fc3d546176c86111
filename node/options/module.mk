# SPDX-License-Identifier: GPL-2.0-or-later
# Options: the verdict on a command line.  Pure.
OPTIONS_SOURCES := $(addprefix node/options/,options.c option_acts.c \
	option_find.c option_alias.c option_inner.c option_text.c language.c \
	reasons.c step.c table_program.c table_input.c table_side.c table_job.c \
	table_link.c)

$(call library,options,$(OPTIONS_SOURCES))
$(call program,tests/compat/decide,tests/compat/decide.c,options)
$(call unit_test,test_options,tests/unit/test_options.c,options)

$(call fuzz_target,options,tests/fuzz/fuzz_options.c $(OPTIONS_SOURCES),$(OPTIONS_SOURCES))
