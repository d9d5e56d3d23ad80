#T file: a.mk
#| $(info a)
#| include missing.mk
include a.mk
test:
