ifdef NOPE
define A
endif
else
text
endef
$(info no)
endif
$(info [$(A)])
test:
