#T args: A=cmd B=cmd
override A += more
override B := new
B = not this
B += nor this
$(info $(A) $(B) $(origin A) $(origin B))
test:
