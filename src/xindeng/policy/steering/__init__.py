"""How series move the stance: rules as data, what was published by when, the path that follows."""
