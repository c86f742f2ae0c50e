/*
 * Every command, in the order of "tokctl help".  One line here and one file
 * cmd/<name>.c are all it takes; see README.md.
 */
CMD(count)
CMD(usage)
CMD(quota)
CMD(budget)
CMD(alert)
CMD(webhook)
CMD(report)
CMD(export)
CMD(user)
CMD(top)
CMD(status)
CMD(price)
CMD(audit)
CMD(ledger)
CMD(config)
CMD(completion)
CMD(help)
CMD(version)
CMD(complete)
