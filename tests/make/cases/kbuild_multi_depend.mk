# Composite objects: a list of names, each with a list of its own.
multi_depend = $(foreach m, $(notdir $1), $(eval $(obj)/$m: $(addprefix $(obj)/, $(foreach s, $3, $($(m:%$(strip $2)=%$(s)))))))
obj := drv
foo-objs := a.o b.o
foo-y := c.o
$(call multi_depend, drv/foo.o, .o, -objs -y)
test: drv/foo.o
drv/foo.o:
	echo LD $@ $^
drv/a.o drv/b.o drv/c.o: ;
