# immure-front: reads connections, frames, stores, sends.
$(call policy,node/front/front.policy)
FRONT_SOURCES := $(addprefix node/front/,front.c conn.c upload.c answer.c drip.c shed.c) gen/filter_front.c
$(call program,libexec/immure-front,$(FRONT_SOURCES),wire common sandbox)
$(call unit_test,test_front,tests/unit/test_front.c $(addprefix node/front/,conn.c upload.c answer.c drip.c shed.c) gen/filter_front.c,wire common sandbox)
