# immure-front: reads connections, frames, stores, sends.
$(call policy,node/front/front.policy)
$(call program,libexec/immure-front,$(addprefix node/front/,front.c conn.c upload.c answer.c) gen/filter_front.c,wire common sandbox)
