"""The text of build.ninja. Knows the graph, and nothing of make or Linux."""
