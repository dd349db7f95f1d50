"""The enterprise archive: 一企一档."""
