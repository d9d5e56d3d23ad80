"""Programs that ninja runs during the build. They import nothing of ours."""
