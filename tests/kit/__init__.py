"""What tests are made of: real servers, cases for every adapter, and the test language."""
