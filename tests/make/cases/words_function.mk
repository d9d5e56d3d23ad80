$(info [$(words a b  c)] [$(words )] [$(words 	a	b )])
test:
