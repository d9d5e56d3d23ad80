$(info [$(shell echo a; echo b)] [$(shell printf 'x\n\n\n')] [$(shell printf ' x ')] [$(shell true)] [$(shell echo 'a	b')])
test:
