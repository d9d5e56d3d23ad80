S = ;
test: a$(S) echo x
a:
