"""What learners hand in, however broken."""
