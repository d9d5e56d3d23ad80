$(file out.txt,x)
test:
