"""Department lists (部门比对): any list with ID numbers against the register; what is not sure, a person decides."""
