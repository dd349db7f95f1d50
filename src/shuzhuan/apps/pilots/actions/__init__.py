"""What an office does with its pilots and batches."""
