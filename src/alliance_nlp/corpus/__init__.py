"""The fictional corpus: its folder, minimal pairs, second readings, and what is checked and counted of them."""
