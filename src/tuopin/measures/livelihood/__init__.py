"""How households live by their own work: enterprises and links, dividends, work, loans, relocation."""
