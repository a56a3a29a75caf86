"""Like for like (举一反三): what was found once is looked for elsewhere, each answered by itself."""
