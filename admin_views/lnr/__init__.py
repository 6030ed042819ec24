"""The neonatal registry over the web: for record systems, for suppliers, for hospitals."""
