N = NAME
$(N) = one
$(N)-$(N) := two
pre-$(N)-post = three
$(info $(NAME) $(NAME-NAME) $(pre-NAME-post))
test:
