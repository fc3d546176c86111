# What several roles share; one file a thing.
$(call library,common,$(addprefix node/common/,message.c fd.c memfd.c peer.c tops.c role.c install_dir.c))
