$(info [$(and a,b)] [$(and ,b)] [$(and a,)] [$(and a, b )] [$(and a,b,c d)])
test:
