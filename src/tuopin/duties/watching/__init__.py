"""Person watches person (人盯人): which households a named leader watches over, and of what rank that leader is."""
