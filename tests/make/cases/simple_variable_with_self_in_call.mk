list :=
add = $(eval list := $$(list) $(1))
$(call add,a)$(call add,b)
$(info [$(list)])
test:
