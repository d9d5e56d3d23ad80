#T files: "a.mk=$(info a)" "b.mk=$(info b)"
include a.mk \
  b.mk # comment
test:
