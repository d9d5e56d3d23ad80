$(info [$(firstword a b c)] [$(firstword )] [$(lastword a b c )] [$(lastword )] [$(firstword   x)])
test:
