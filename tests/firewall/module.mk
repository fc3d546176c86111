# What tests/firewall needs beside nft and ip.
$(call program,tests/firewall/loaded,tests/firewall/loaded.c,common)
$(call program,tests/firewall/taken_over,tests/firewall/taken_over.c,)
