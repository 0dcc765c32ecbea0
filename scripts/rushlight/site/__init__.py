"""The documentation site: pages made from the tree, and the programs that build and test them."""
