"""What crosses between the processes: typed, bounded messages."""
