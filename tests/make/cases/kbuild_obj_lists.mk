CONFIG_A := y
CONFIG_M := m
obj-y :=
obj-m :=
obj-$(CONFIG_A) += a.o dir/
obj-$(CONFIG_M) += m.o
obj-$(CONFIG_NONE) += none.o
obj-$(subst m,y,$(CONFIG_M)) += forced.o
$(info [$(obj-y)] [$(obj-m)] [$(obj-)])
$(info $(filter %/,$(obj-y)) $(patsubst %/,%/built-in.a,$(obj-y)) $(addprefix src/,$(obj-y)))
test:
