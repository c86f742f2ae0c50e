#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stddef.h>

/*
 * What separates the fields of a CSV file: a comma, a semicolon, a tab or a
 * bar, whichever its first line has most of outside quotes; a comma if it has
 * none of them.
 * Spreadsheets write semicolons where the comma is the decimal point.
 */
char tk_csv_separator(const char *text, size_t n);

#endif
