"""Try the product with damaged and hostile files and requests: `python -m fuzz`."""
