"""How somebody likes a list: views under a name, columns that are left out, the view that the menu opens."""
