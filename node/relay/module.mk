# immured --inetd: finds a node or starts one (inetd.c, in immured); the relay
# copies the job's bytes.
RELAY_SOURCES := $(addprefix node/relay/,reply_seen.c)
$(call policy,node/relay/relay.policy)
$(call program,libexec/immure-relay,node/relay/relay.c $(RELAY_SOURCES) gen/filter_relay.c,wire common sandbox)
$(call unit_test,test_reply_seen,tests/unit/test_reply_seen.c $(RELAY_SOURCES),wire,)
$(call unit_test,test_filter_peers,tests/unit/test_filter_peers.c gen/filter_front.c gen/filter_relay.c)
$(call unit_test,test_socket_path,tests/unit/test_socket_path.c node/relay/socket_path.c)
# Starts the program itself.
$(call unit_test,test_relay,tests/unit/test_relay.c,,)
$(call fuzz_target,reply_seen,tests/fuzz/fuzz_reply_seen.c $(RELAY_SOURCES) node/wire/token.c node/wire/reply.c,node/relay/reply_seen.c)
$(call fuzz_seed,reply_seen,node/relay/reply_seen.c,s/n < s->body_left ? n : /0 ? n : /)
