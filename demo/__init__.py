"""A class that is played: what an instructor does in one round, on sixteen learners."""
