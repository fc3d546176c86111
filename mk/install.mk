# Installation.  One list, "mode:source:destination", serves both directions.
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec/immure
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/immure
# Ordinary users, who run nodes of their own, have no sbin in their PATH: a link
# to immured lies in BINDIR, too.
# To put in PATH before the stock distccd: holds "distccd" and nothing else.
DISTCCDDIR ?= $(PREFIX)/lib/immure
SYSCONFDIR ?= /etc
# Sources of the policy: whoever has SELinux makes a module of them
# (docs/operating.md).
SELINUXDIR ?= $(PREFIX)/share/selinux/packages/immure
# Where the manual's examples log: root's alone, as packaging/tmpfiles.d has it.
LOGDIR ?= /var/log/immure
# Which service files to install: systemd, openrc, "systemd openrc" or none.
INIT ?= $(if $(wildcard /sbin/openrc-run /usr/sbin/openrc-run),openrc,systemd)

ifneq ($(filter-out systemd openrc none,$(INIT)),)
$(error INIT=$(INIT): give systemd, openrc, "systemd openrc" or none)
endif

# to MODE,SOURCES,DIRECTORY
to = $(foreach f,$(2),$(1):$(f):$(3)/$(notdir $(f)))
MAN := $(wildcard docs/*.1 docs/*.5 docs/*.8)
INSTALLED = \
	$(call to,755,$(filter $(B)/immured,$(PROGRAMS)),$(SBINDIR)) \
	$(call to,755,$(filter $(B)/immure $(B)/immure-jail,$(PROGRAMS)),$(BINDIR)) \
	$(call to,755,$(filter $(B)/libexec/%,$(PROGRAMS)) packaging/immured-start,$(LIBEXECDIR)) \
	$(foreach f,$(MAN),644:$(f):$(MANDIR)/man$(subst .,,$(suffix $(f)))/$(notdir $(f))) \
	$(foreach p,$(filter $(B)/libexec/%,$(PROGRAMS)),644:packaging/man/role.8:$(MANDIR)/man8/$(notdir $(p)).8) \
	$(call to,644,$(wildcard README.md COPYING docs/*.md docs/*.svg) packaging/immured.conf.example nftables/immure.nft,$(DOCDIR)) \
	$(foreach n,immure immured immure-jail,644:packaging/completions/immure.bash:$(PREFIX)/share/bash-completion/completions/$(n)) \
	644:packaging/completions/_immure:$(PREFIX)/share/zsh/site-functions/_immure \
	$(call to,644,policy/apparmor/usr.sbin.immured,$(PREFIX)/share/immure/apparmor) \
	$(call to,644,policy/apparmor/abstractions/immure-role,$(PREFIX)/share/immure/apparmor/abstractions) \
	$(call to,644,packaging/sysusers.d/immure.conf,$(PREFIX)/lib/sysusers.d) \
	$(call to,644,packaging/tmpfiles.d/immure.conf,$(PREFIX)/lib/tmpfiles.d) \
	$(call to,644,$(wildcard policy/selinux/immure.?? policy/selinux/*.cil),$(SELINUXDIR)) \
	$(if $(filter systemd,$(INIT)),644:$(B)/packaging/immured.service:$(PREFIX)/lib/systemd/system/immured.service) \
	$(if $(filter openrc,$(INIT)),755:$(B)/packaging/immured.initd:$(SYSCONFDIR)/init.d/immured)
# Files that an administrator edits: never overwritten, removed if unchanged.
SETTINGS = \
	644:packaging/logrotate/immured:$(SYSCONFDIR)/logrotate.d/immured \
	$(if $(filter systemd,$(INIT)),644:packaging/systemd/immured.default:$(SYSCONFDIR)/default/immured) \
	$(if $(filter openrc,$(INIT)),644:image/alpine/immured.confd:$(SYSCONFDIR)/conf.d/immured)

# What a link in directory $(1) says for the file $(2), below any DESTDIR.
empty :=
relative = $(subst $(empty) ,,$(foreach d,$(subst /, ,$(1)),../))$(patsubst /%,%,$(2))

# Service files name the daemon.
$(B)/packaging/%: packaging/systemd/%
	@mkdir -p $(@D)
	$(call say,SED,$@)sed 's|@sbindir@|$(SBINDIR)|; s|@libexecdir@|$(LIBEXECDIR)|; s|@bindir@|$(BINDIR)|' $< >$@
$(B)/packaging/%: image/alpine/%
	@mkdir -p $(@D)
	$(call say,SED,$@)sed 's|@sbindir@|$(SBINDIR)|; s|@libexecdir@|$(LIBEXECDIR)|; s|@bindir@|$(BINDIR)|' $< >$@
# SBINDIR may differ from the last time.
$(B)/packaging/immured.service $(B)/packaging/immured.initd: FORCE
FORCE:

## make install          into DESTDIR, below PREFIX (/usr/local)
install: all $(B)/packaging/immured.service $(B)/packaging/immured.initd
	@for entry in $(INSTALLED); do \
	    mode=$${entry%%:*}; from=$${entry#*:}; \
	    to=$(DESTDIR)$${from#*:}; from=$${from%%:*}; \
	    mkdir -p "$${to%/*}" && install -m $$mode "$$from" "$$to" || exit; \
	    echo "$$to"; \
	done
	@mkdir -p $(DESTDIR)$(DISTCCDDIR) && \
	    ln -sf $(call relative,$(DISTCCDDIR),$(SBINDIR)/immured) \
		$(DESTDIR)$(DISTCCDDIR)/distccd && \
	    echo $(DESTDIR)$(DISTCCDDIR)/distccd
	@[ $(BINDIR) = $(SBINDIR) ] || { ln -sf \
	    $(call relative,$(BINDIR),$(SBINDIR)/immured) \
		$(DESTDIR)$(BINDIR)/immured && echo $(DESTDIR)$(BINDIR)/immured; }
	@for entry in $(SETTINGS); do \
	    mode=$${entry%%:*}; from=$${entry#*:}; \
	    to=$(DESTDIR)$${from#*:}; from=$${from%%:*}; \
	    [ ! -e "$$to" ] || continue; \
	    mkdir -p "$${to%/*}" && install -m $$mode "$$from" "$$to" || exit; \
	    echo "$$to"; \
	done
	@[ -d $(DESTDIR)$(LOGDIR) ] || { install -d -m 750 $(DESTDIR)$(LOGDIR) && \
	    echo $(DESTDIR)$(LOGDIR); }
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ]; then \
	    $(MAKE) --no-print-directory install-users; fi

## make install-users    the roles' users, by sysusers.d, useradd or adduser
install-users:
	@packaging/install-users

## make uninstall        what install put there, and the directories if empty
uninstall:
	@for entry in $(INSTALLED) $(SETTINGS); do \
	    from=$${entry#*:}; to=$(DESTDIR)$${from#*:}; from=$${from%%:*}; \
	    case " $(SETTINGS) " in \
	    *" $$entry "*) cmp -s "$$from" "$$to" || continue ;; \
	    esac; \
	    rm -f "$$to"; \
	done
	@rm -f $(DESTDIR)$(DISTCCDDIR)/distccd
	@rm -f $(DESTDIR)/var/cache/immure/checked
	@rmdir $(DESTDIR)/var/cache/immure 2>/dev/null || :
	@[ ! -L $(DESTDIR)$(BINDIR)/immured ] || rm $(DESTDIR)$(BINDIR)/immured
	@for dir in $(LIBEXECDIR) $(DOCDIR) $(DISTCCDDIR) $(LOGDIR) $(SELINUXDIR) \
	    $(PREFIX)/share/immure/apparmor/abstractions \
	    $(PREFIX)/share/immure/apparmor $(PREFIX)/share/immure; do \
	    rmdir "$(DESTDIR)$$dir" 2>/dev/null || :; \
	done

.PHONY: install install-users uninstall FORCE
