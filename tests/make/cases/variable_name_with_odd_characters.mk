a.b-c/d = 1
a@b = 2
a%b := 3
a~!b = 4
$(info $(a.b-c/d) $(a@b) $(a%b) $(a~!b))
test:
