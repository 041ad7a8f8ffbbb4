# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by unit/valgrind and e2e/valgrind: $memcheck, Valgrind's command with what both want of it. Debian 12's does not know pidfd_open(), which
# imza-agent starts its helpers with. That of Debian 13 does, and runs on Debian 12 from a folder of its own, which VALGRIND_ROOT then names:
#     dpkg-deb -x valgrind_3.24*.deb FOLDER
memcheck=(valgrind)
if [ -n "${VALGRIND_ROOT:-}" ]; then
	memcheck=(env "VALGRIND_LIB=$VALGRIND_ROOT/usr/libexec/valgrind" "$VALGRIND_ROOT/usr/bin/valgrind.bin")
fi
"${memcheck[@]}" --version >/dev/null || { echo "there is no Valgrind (apt-get install valgrind)" >&2; exit 1; }
memcheck+=(--quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite)
