"""What intake decides: pure, with the kernel and the words of the NHS alone."""
