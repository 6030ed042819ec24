"""What the clocks send by themselves, and the rehearsal of it."""
