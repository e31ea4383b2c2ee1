"""What tests are made of: real servers, cases that every adapter must pass, and the test language."""
