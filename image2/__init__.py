"""Image 2: the site's settings, routes and shared library."""
