"""What happens next: one service per module, plain synchronous functions without I/O."""
