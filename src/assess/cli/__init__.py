"""The commands. Nothing else is imported before the working folder, which may be a client's, is off the module path."""

import sys


def main() -> None:
    """Run a command; whatever goes wrong is said in plain words."""
    try:
        from assess.core.isolation import isolate_process, skip_slow_grammar

        isolate_process()
        skip_slow_grammar()
        from .signals import end_on_signals

        end_on_signals()
        from .commands import execute
    except KeyboardInterrupt:  # before the signals are caught
        sys.stderr.write("stopped\n")
        sys.exit(130)
    execute()
