$(file <x,y)
test:
