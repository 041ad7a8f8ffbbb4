# SPDX-License-Identifier: Apache-2.0
"""How much longer than usual tests wait: IMZA_PATIENCE times, which is for programs that run under Valgrind (tests/e2e/valgrind)."""
import os

PATIENCE = float(os.environ.get("IMZA_PATIENCE", "1"))


def patient(seconds):
    """So many seconds, as long as that takes here: for what says that a program hangs, never for what a test measures."""
    return seconds * PATIENCE
