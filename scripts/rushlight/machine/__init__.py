"""What may be wrong with this machine or this copy of the course."""
