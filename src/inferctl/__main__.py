"""`python -m inferctl` is the command."""

from inferctl.cli.app import main

if __name__ == "__main__":
    main()
