#T oracle: none (make prints its whole usage)
#T expect-error: unrecognized option '--no-such-option'
#T returncode: 2
#T args: --no-such-option
test:
