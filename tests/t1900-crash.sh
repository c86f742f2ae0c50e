#!/bin/sh
# A short run of the crash tests; "make crash" is the long one.
exec "$(dirname "$0")/crash/run" 24
