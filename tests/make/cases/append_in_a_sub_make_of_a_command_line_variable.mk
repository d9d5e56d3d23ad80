#T args: A=top
A += file
override B += over
$(info $(A) $(B))
test:
	@echo $(A)
