"""Reports of one assessment: one set of data, set as PDF by typst and as Word by docxtpl."""
