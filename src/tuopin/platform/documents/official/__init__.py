"""Official papers (公文) as PDF and as Word, after GB/T 9704-2012."""
