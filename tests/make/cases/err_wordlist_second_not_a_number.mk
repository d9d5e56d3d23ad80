$(info $(wordlist 1,b,a))
test:
