#T no-final-newline
test: ; @echo x
A = 1
$(info [$(A)])