"""Who answers for what (责任人): beginning and ending, who may and how much, who counts as live, where nobody does."""
