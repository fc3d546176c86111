# The plan of a cell.  Stages list node/cell/plan.c alone: no allocation there.
$(call library,plan,node/cell/plan.c node/cell/plan_write.c)
