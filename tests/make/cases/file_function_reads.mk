#T file: in.txt
#| line one
#| line two
#T file: empty
$(info [$(file <in.txt)] [$(file < in.txt)] [$(file < nope)] [$(file < empty)])
test:
