$(info [$(sort foo bar lose bar  foo)] [$(sort )] [$(sort b B a A _ 1)] [$(sort a.c a-b a/b a ab)])
test:
