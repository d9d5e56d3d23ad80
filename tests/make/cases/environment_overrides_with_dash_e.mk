#T args: -e
#T env: A=env B=env
A = file
B += file
override C = x
$(info $(A) $(B) $(origin A) $(origin B) $(origin NOPE))
test:
