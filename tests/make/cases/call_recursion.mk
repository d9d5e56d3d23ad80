# A recursive function may call itself; a variable may not.
rest = $(wordlist 2,99,$(1))
reverse = $(if $(1),$(call reverse,$(call rest,$(1))) $(firstword $(1)))
$(info [$(strip $(call reverse,a b c d))])
test:
