"""Headquarters (重大专项工作指挥部): what they are for, their plans with steps, the opinions that carry them out."""
