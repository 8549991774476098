"""What happens next: one service per module or package, plain synchronous functions without I/O."""
