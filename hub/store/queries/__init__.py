"""Named queries behind the console, the API and the command line. They read, and never write."""
