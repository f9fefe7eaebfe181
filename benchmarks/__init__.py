"""What is too long for the test suite: the proofs of what was promised (`make prove`) and speeds (`make bench`)."""
