"""Department lists (部门比对): any list with ID numbers against the register, with a person deciding what is not sure."""
