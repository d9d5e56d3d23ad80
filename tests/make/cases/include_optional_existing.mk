#T files: "a.mk=$(info a)" "b.mk=$(info b)"
-include a.mk nope
sinclude b.mk
test:
