define filechk
	$(Q)set -e; \
	{ $(filechk_$(1)); } > $@
endef
filechk_hdr = echo "\#define X \"$(V)\""; \
	echo done
V = 1
test:
	$(call filechk,hdr)
