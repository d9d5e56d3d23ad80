$(info $(wordlist 0,1,a))
test:
