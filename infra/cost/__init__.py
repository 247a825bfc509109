"""What the shop costs: units, bytes and milliseconds measured on the emulator, prices and loads from files."""
