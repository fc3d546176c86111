# immure.  GNU make and pkg-config, no configure.  `make help` lists targets.
.DEFAULT_GOAL := all
VERSION := 0.1

# make has a CC of its own, which ?= would leave.
ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
B := build

include mk/flags.mk
include mk/rules.mk
include mk/fuzz.mk
include $(sort $(wildcard */module.mk */*/module.mk))
include mk/install.mk
include mk/test.mk
include mk/vm.mk
include mk/bench.mk
include mk/deps.mk

## make [V=1]            all programs, in build/ (V=1: show the commands)
all: $(PROGRAMS)

## make clean            remove build/
clean:
	rm -rf $(B)

help:
	@sed -n 's/^## //p' Makefile mk/*.mk

.PHONY: all clean help
