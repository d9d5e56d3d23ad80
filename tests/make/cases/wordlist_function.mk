$(info [$(wordlist 2,3,a b c d)] [$(wordlist 3,9,a b c d)] [$(wordlist 3,2,a b c)] [$(wordlist 5,6,a b)] [$(wordlist 1,0,a)])
$(info [$(wordlist 1,2,a   b   c)] [$(wordlist 2,3,  a   b   c)])
test:
