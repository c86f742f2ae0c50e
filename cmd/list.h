/*
 * Every command, in the order of "tokctl help".  One line here and one file
 * cmd/<name>.c are all it takes; see README.md.
 */
CMD(version)
