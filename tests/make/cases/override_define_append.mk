#T args: A=cmd
override define A +=
more
endef
$(info $(A))
test:
