#!/bin/sh
# Writes its arguments on one line, with tabs between them.
IFS=$(printf '\t')
echo "$*"
