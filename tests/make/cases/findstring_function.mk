$(info [$(findstring a,a b c)] [$(findstring a,b c)] [$(findstring b c,a b c)] [$(findstring ,a)] [$(findstring a%,a%)])
test:
