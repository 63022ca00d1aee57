"""What readers advise everybody: this book, and why; and "if you liked this, try that"."""
