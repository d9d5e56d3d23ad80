A = a\
\
\
  b
B = c \
\

$(info [$(A)] [$(B)])
test:
