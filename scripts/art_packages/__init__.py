"""Art by package name: what each package shows, whose it is, and what it may be used for."""
