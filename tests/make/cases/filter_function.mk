$(info [$(filter %.c %.s,a.c b.o c.s d.h)] [$(filter a,a a b)] [$(filter ,a b)] [$(filter a%,abc ab b a)])
$(info [$(filter %,a  b)] [$(filter a%c,abc ac abd)] [$(filter x y z,z y x)])
test:
