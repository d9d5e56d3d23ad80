# `:::=` came with GNU make 4.4; 4.3 sees a double-colon rule with target-specific `:=` and no name.
A :::= x
$(info [$(A)])
test:
