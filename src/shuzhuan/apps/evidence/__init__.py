"""The one evidence store: uploaded once, reused everywhere, every look on record: 资料库."""
