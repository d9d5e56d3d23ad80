$(info [$(join a b,.c .o)] [$(join a b c,1)] [$(join a,1 2 3)] [$(join ,1)] [$(join a,)] [$(join a  b , 1  2 )])
test:
