# The argument is expanded, then parsed: a `#` that comes out of it starts a comment.
H := \#
A := $(H)x
$(info $(A))
$(eval B := a$(H)b)
$(eval C := a$$(H)b)
$(info [$(B)] [$(C)])
test:
