# Compile flags: hardening as the OpenSSF guide says (docs/building.md), and
# warnings.  WERROR=1 (development, CI) makes warnings errors.
CPPFLAGS += -D_GNU_SOURCE -DIMMURE_VERSION='"$(VERSION)"' -I. -I$(B)/gen
OPT ?= -O2 -g
SAN ?=
HARDEN ?= -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -ftrivial-auto-var-init=zero \
	-fno-delete-null-pointer-checks -fno-strict-overflow \
	-fno-strict-aliasing -fno-common -fvisibility=hidden
ifneq ($(filter x86_64%,$(shell $(CC) -dumpmachine 2>/dev/null)),)
HARDEN += -fcf-protection=full
endif
WARN := -Wall -Wextra -Wformat=2 -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wcast-qual -Wpointer-arith -Wwrite-strings -Wvla -Wundef \
	-Wimplicit-fallthrough -Wnull-dereference -Wswitch-enum \
	-Wframe-larger-than=32768 -Werror=format-security -Werror=implicit \
	-Werror=int-conversion -Werror=incompatible-pointer-types \
	-Werror=return-type -Werror=vla
ifeq ($(WERROR),1)
WARN += -Werror
endif
CFLAGS_ALL := -std=gnu11 $(OPT) $(HARDEN) $(WARN) -fPIE $(SAN) $(CFLAGS)
LDFLAGS_ALL := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack \
	-Wl,-z,separate-code -Wl,--as-needed $(SAN) $(LDFLAGS)
