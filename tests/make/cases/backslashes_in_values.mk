A = a\b \\ \x
B = trailing\\
C = c:\dir\$(A)
$(info [$(A)] [$(B)] [$(C)])
test:
