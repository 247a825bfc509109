"""`make rehearse`: the bundle that ships, deployed by the scripts that deploy it, on an emulator of the account."""
