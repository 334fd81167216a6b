"""Pages of the cases room. Those that move a case along the flow are in `workflows.views`."""
