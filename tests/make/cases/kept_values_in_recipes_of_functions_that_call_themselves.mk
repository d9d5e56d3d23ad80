reverse = $(if $(1),$(call reverse,$(wordlist 2,9,$(1))) $(firstword $(1)))
deep = $(if $(word 4,$(1)),$(1)$@,$(call deep,$(1) $(1)))
args = [$(0) $(1) $(2) $(3)]
nest = $(call args,a) $(call args,a,b) $(call args,a,b,c) $(call pass,1,2,3)
pass = $(call args,$(1)) $(args)
test: one two
one two: ; echo $(call reverse,a b c) $(call reverse,a b c) $(call deep,q) $(nest) $(nest)
	echo $(call reverse,$@ b c) $(call deep,$@) $(call nest,z)
