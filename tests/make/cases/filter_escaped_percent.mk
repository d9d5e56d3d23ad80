$(info [$(filter a\%b,a%b axb)] [$(filter-out \%,% a)] [$(filter \%%,%abc abc)])
test:
