"""The finance authority's e-ticket platform and the digital invoice platform, as the sandbox plays them."""
