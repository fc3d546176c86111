# The monitor: build/immured.

$(call unit_test,test_cmdline,tests/unit/test_cmdline.c,config sandbox,inih)
$(call unit_test,test_job_memory,tests/unit/test_job_memory.c node/monitor/job_memory.c,config sandbox,inih)
$(call unit_test,test_denied,tests/unit/test_denied.c,common)
$(call unit_test,test_hosts_line,tests/unit/test_hosts_line.c node/monitor/hosts_line.c)
$(call unit_test,test_port_holder,tests/unit/test_port_holder.c node/monitor/port_holder.c)
$(call unit_test,test_allow_names,tests/unit/test_allow_names.c node/monitor/allow_names.c node/monitor/look_up.c node/common/acl.c,common sandbox)
$(call unit_test,test_look_up,tests/unit/test_look_up.c node/monitor/look_up.c,common sandbox)
$(call unit_test,test_resolve,tests/unit/test_resolve.c node/monitor/resolve.c node/monitor/look_up.c,common sandbox)
$(call fuzz_target,cmdline,tests/fuzz/fuzz_cmdline.c $(CMDLINE_SOURCES) sandbox/layers.c sandbox/landlock.c sandbox/user_mode.c,node/monitor/cmdline.c)
$(call policy,node/monitor/monitor.policy)
# A file a line: branches that add one do not meet here.
IMMURED_SOURCES := $(addprefix node/monitor/, \
	allow_names.c \
	announce.c \
	check_config.c \
	checked_place.c \
	children.c \
	watch.c \
	clients.c \
	confine.c \
	control.c \
	denied.c \
	detach.c \
	drain.c \
	files.c \
	groups.c \
	hosts_line.c \
	image_place.c \
	images.c \
	immured.c \
	job_memory.c \
	layers.c \
	listen.c \
	logs.c \
	look_up.c \
	notify.c \
	ordinary.c \
	own_name.c \
	port_holder.c \
	reload.c \
	requests.c \
	resolve.c \
	resources.c \
	selftest.c \
	shed.c \
	socket.c \
	start.c \
	status.c \
	walls.c \
	wishes.c \
	zeroconf.c \
	)
IMMURED_SOURCES += $(addprefix node/relay/,inetd.c on_demand.c socket_path.c tcp_client.c) gen/filter_monitor.c
IMMURED_LIBS := lsm config common sandbox
$(call program,immured,$(IMMURED_SOURCES),$(IMMURED_LIBS),inih)
$(B)/obj/node/monitor/announce.o: CPPFLAGS += -DIMMURE_TRIPLE='"$(shell $(CC) -dumpmachine)"'
$(call unit_test,test_announce,tests/unit/test_announce.c node/monitor/announce.c)
$(call unit_test,test_filter_wx,tests/unit/test_filter_wx.c $(patsubst %,gen/filter_%.c,auditor broker cell_killer cell_one \
	executor front imager jail_init job job_trip monitor pack relay status unpack zygote))
