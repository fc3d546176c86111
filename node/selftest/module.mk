# The program that `immure selftest` passes to a node; in no image.
$(call stage,selftest,node/selftest/acts.c node/cell/stage.c,)
