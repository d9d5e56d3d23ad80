test:
  # blanks before: makefile comment
	echo x
    # again
	# tab: recipe
