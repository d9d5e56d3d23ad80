#T args: -e
#T env: A=env
override A += more
$(info $(A) $(origin A))
test:
