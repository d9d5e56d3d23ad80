$(info [$(shell printf 'a\n\nb\n')] [$(shell printf '\na')])
test:
