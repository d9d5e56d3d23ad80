ifdef A
else
else
endif
test:
