"""Documents for printing: PDF by typst, with the fonts of the installation and nothing of the machine's own."""
