$(file >out.txt,one)
$(file >>out.txt,two)
$(info [$(file <out.txt)])
$(file > out.txt)
$(info [$(file <out.txt)])
test:
