#T env: "MAKEFLAGS=Zk --nonsense"
$(info $(MAKEFLAGS))
test:
