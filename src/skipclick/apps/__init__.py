"""What people start: the command line. Nothing else of skipclick imports this folder."""
