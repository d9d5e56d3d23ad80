ifdef A B
endif
test:
