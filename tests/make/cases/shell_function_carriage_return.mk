$(info [$(shell printf 'a\r\nb\r\n')])
test:
