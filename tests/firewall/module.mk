# What tests/firewall needs beside nft and ip.
$(call program,tests/firewall/loaded,tests/firewall/loaded.c,common)
