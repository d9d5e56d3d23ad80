#T args: "A=a b" "B=x$$y" "C=back\slash"
$(info $(MAKEFLAGS))
$(info $(MAKEOVERRIDES))
test:
