down = $(if $(word $(1),$(list)),$(call down,$(words $(list) x))x,end)
count = $(if $(filter $(words $(1)),60),$(words $(1)),$(call count,$(1) x))
$(info $(call count,))
test:
