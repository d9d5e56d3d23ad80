define two-lines
first
second $(X)
endef
X = x
$(info [$(two-lines)] $(flavor two-lines))
test:
	$(two-lines)
