"""A class that is played: what an instructor does in one round, for all three assignments."""
