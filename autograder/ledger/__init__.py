"""What is known of an assignment's submissions from earlier runs."""
