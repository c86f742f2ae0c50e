#!/bin/sh
# Score forecasts and anomalies on public series.
#
#	make build/tests/bench/m4 build/tests/bench/nab
#	tests/bench/series.sh M4-FOLDER NAB-FOLDER
#
# The folders are those of the M4 competition (Hourly-train.csv, ...) and of
# the Numenta Anomaly Benchmark (data, labels); neither comes with tokctl.
bin=$(dirname "$0")/../../build/tests/bench
echo 'M4 hourly'
"$bin/m4" "$1/Hourly-train.csv" "$1/Hourly-test.csv" 48 24 168
echo 'M4 weekly'
"$bin/m4" "$1/Weekly-train.csv" "$1/Weekly-test.csv" 13 1 52
echo 'NAB: best threshold, and the one of report anomalies'
"$bin/nab" "$2"
