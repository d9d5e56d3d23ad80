define A
text # not a comment
endef # comment
define B # comment
text
endef
$(info [$(A)] [$(B)])
test:
