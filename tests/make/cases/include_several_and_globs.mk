#T files: "a.mk=$(info a)" "b.mk=$(info b)" "d/z.inc=$(info z)" "d/y.inc=$(info y)"
include a.mk b.mk
include d/*.inc
F = a.mk
include $(F) $(NOPE)
include
test:
