"""What happens by itself: turns over the journal, reactors, timers, the lease and the outbox."""
