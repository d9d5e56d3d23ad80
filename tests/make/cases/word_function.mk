$(info [$(word 2,foo bar baz)] [$(word 4,a b c)] [$(word 1,)] [$(word  1 ,a  b)])
test:
