"""The make language, as GNU make 4.3 defines it.

This package is a language and knows nothing of Linux. Its parts, in the order text passes them:

lines       physical lines to logical ones
parser      logical lines to statements (`ast`); expressions are parsed when first expanded
evaluator   runs statements: variables (`variables`) and rules (`rules`)
search      which rule makes a target
remake      walks from a goal to its prerequisites, in make's order
recipe      a target's recipe: automatic variables, expansion, `@ - +`
world       the only door to files, the environment and the shell

Parse and evaluation are apart because the kernel reads scripts/Makefile.build once a directory;
its text is parsed once. Statements stay a flat list, conditionals included: whether a line that
begins with a tab is a recipe or a directive depends on what was evaluated before it.
"""
