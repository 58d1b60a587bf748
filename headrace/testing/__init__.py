"""What tests of workers need: brokers that start on this machine."""
