"""`python -m skipclick` is the command `skipclick`."""

from skipclick.apps.cli import main

if __name__ == "__main__":
    main()
