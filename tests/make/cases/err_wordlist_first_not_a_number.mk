$(info $(wordlist a,1,a))
test:
